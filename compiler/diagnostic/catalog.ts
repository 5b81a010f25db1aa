/** Every code, with what it means and what to do. A code is permanent: `stage/what-is-wrong`. */
export const catalog = {
  "source/not-utf8": "The file, or its name, is not UTF-8. Save the file as UTF-8, or rename it.",
  "source/lfs-pointer":
    "What is in git is not the file but a pointer of Git LFS, whose text is elsewhere. Definitions are compiled from git alone: take them out of LFS.",
  "source/too-large":
    "A file of definitions is larger than any definition needs, and is not read. Split it, or move data out of factories/.",
  "source/passed-over":
    "A link or a submodule below factories/ is not followed: it leads out of the repository, and what it leads to may differ from one machine to another. Put the definitions into the repository itself.",
  "source/case-only":
    "Two files differ in nothing but upper and lower case. Where the file system sees no difference there would be only one of them, so the same commit would mean different things on different machines. Rename one.",

  "evaluate/syntax":
    "The file does not parse, or JavaScript would refuse it before running anything. Where the parser speaks, the message is its own.",
  "evaluate/not-in-the-language":
    "Definitions are read, never executed, so only a part of TypeScript is accepted: literals, const, imports between definition files, spread, templates, operators, conditionals, pure functions with let, if, switch and for…of, and the methods of lists and texts. schema/LANGUAGE.md lists it all. Write the value with these.",
  "evaluate/unknown-identifier":
    "Nothing of this name is declared in the file, imported, or built in.",
  "evaluate/used-before-declared":
    "A const is read before its own declaration has run. Move the declaration up.",
  "evaluate/no-such-file": "An import names a file that the repository does not have.",
  "evaluate/no-such-export": "An import names something that the file does not export.",
  "evaluate/import-outside":
    "Definitions import one another by relative paths, and @millwright/schema. Packages and files outside the repository are never read.",
  "evaluate/import-cycle":
    "Files import one another in a circle. Move what they share into a file of its own.",
  "evaluate/type-error":
    "At run time JavaScript would throw here: a property of undefined, a call of something that is no function.",
  "evaluate/changed-from-outside":
    "Functions are pure: a call may change what it made itself, and what a call that still runs has given it. What a call that is over has made, or the file itself, may have been seen by others and stays as it is. A list does not change while it is gone through.",
  "evaluate/not-a-value":
    "A definition holds a value that JSON cannot say: undefined, NaN, an infinity or a function. Leave the field out, or give it a number, a text, a list or an object.",
  "evaluate/too-much-work":
    "The evaluation took more steps than any definition needs. Look for recursion without an end, or for lists multiplied by lists.",
  "evaluate/too-large": "A text or list grew beyond what any definition needs.",
  "evaluate/too-deep": "Nesting or recursion is deeper than any definition needs.",
  "evaluate/yaml":
    "The YAML does not parse, or uses what would make it mean different things to different readers.",
  "evaluate/no-kind":
    "A YAML document is a definition by its field kind: fleet, host, model, adapter, dataset, factory or policy. A document without the field is passed over with a warning; a kind that is none of these is an error, because a slip of the pen would silently take the definition away.",

  "types/error":
    "TypeScript finds a mistake in the types. The message is its own, with the number by which it is explained everywhere; your editor shows the same.",
  "types/too-long":
    "The check of types was stopped: it took too long, too much memory, or broke down. Look for types that refer to themselves without end. Or a file nests more brackets than TypeScript can compare in a reasonable time: define the inner parts as consts of their own. Everything else is checked all the same.",

  "check/duplicate-name":
    "Two definitions claim the same name. Rename one: names are global per kind, and deployments and routes share one space of names.",
  "check/duplicate-key":
    "Two hosts have the same key. Each host makes its own with millwright-agent init.",
  "check/weak-key":
    "The public key is a point of small order, or not written canonically. No host made it; whoever put it there could sign without a private key. Each host makes its own with millwright-agent init.",
  "check/unknown-name": "A reference leads to no definition.",
  "check/wrong-kind": "A reference leads to a definition of another kind.",
  "check/unknown-field":
    "The schema has no such field. A misspelt field would be silently ignored, so it is an error.",
  "check/missing-field": "A required field is not there.",
  "check/invalid-value": "A value is not what its field takes.",
  "check/no-fleet": "A repository holds exactly one fleet definition, and there is none.",
  "check/two-fleets": "A repository holds exactly one fleet definition.",
  "check/insecure-hub":
    "A hub's address is not encrypted, and leads beyond the machine itself: whoever is on the way could read and change what hosts are told, and no agent would dial it. Write wss:, and give the hub a certificate.",
  "check/insecure-mirror":
    "A mirror's address is not encrypted, and leads beyond the host itself: no agent would ask it. Write https:.",
  "check/insecure-collector":
    "The address of a collector of metrics is not encrypted, and leads beyond the host itself: names of models, keys and hosts would pass in the clear. Write https:.",
  "check/secret-in-address":
    "An address holds a user's name or password. Whoever can read the repository, now or later in its history, has it, and every plan would carry it. Change the password; let the mirror know its hosts by their network, or keep it open: what comes from it is held to its digest.",
  "check/api-key-to-nothing":
    "A key of a caller names what is neither a deployment nor a route of its factory: the caller could never ask for it.",
  "check/duplicate-api-key":
    "Two names have one key: usage, limits and a withdrawal would hit one of them for what the other does. Give each caller a key of its own with millwright key.",
  "check/route-to-nothing":
    "A route leads to a name that is no deployment of the same factory. Only a fallback may name another route.",
  "check/route-to-chooser":
    "A route leads to a route that chooses or splits. A task is routed once, so that whoever reads a route sees all that can become of it: name a deployment, or a route that only leads to some.",
  "check/one-way":
    "A route leads somewhere by exactly one of to, choose and split, and a choice by one of to, split and classify.",
  "check/no-last-choice":
    "Every choice of a route has a condition or asks a model, which may be unsure: a task could be left without an answer. Write a last choice without when.",
  "check/when-syntax":
    "The condition of a choice is not CEL (https://cel.dev). The place is where the parser stops.",
  "check/when-type":
    "The condition of a choice reads something that a task does not have, compares what can never be equal, or uses more of CEL than a host evaluates. schema/ROUTES.md lists the variables and operators.",
  "check/adapter-of-another-model":
    "An adapter corrects the weights of one model and fits no other.",
  "check/unused":
    "No deployment uses the model or adapter, or no factory and no adapter reads the dataset. Use it, or delete it: it is fetched, locked and reviewed all the same. An adapter that learned from the data of a factory that runs its model is not meant: it waits to be used.",
  "check/fallback-cycle":
    "Routes fall back to one another in a circle. A fallback that is a route stands for all that this route leads to, so a circle would never end. Take one of its links out.",
  "check/unreachable":
    "All that a fallback leads to is tried before it, so it is never reached. Leave it out, or name another one.",
  "check/licence":
    "A licence is an SPDX expression (https://spdx.org/licenses): Apache-2.0, MIT OR Apache-2.0, GPL-2.0-only WITH Classpath-exception-2.0; LicenseRef- and a name for a licence of its own. In the fleet's list each entry is one licence.",
  "check/licence-not-allowed":
    "The fleet says which licences it allows, and a model or adapter says none, or one that is not among them. Of an OR one side must be allowed, of an AND both; `-or-later` and `+` may be taken as any later version; a licence with an exception is allowed only as such.",
  "check/engine-command":
    "An external engine is a program and its arguments, which no shell reads: its path, or a name that hosts' operators list in /etc/millwright/engines. `openai` writes the whole command, with {port} where it takes its port; `vllm`, `sglang` and `llama-server` have theirs, to which `args` are added.",
  "check/engine-placeholder":
    "A word in braces in an engine's command or environment, for which hosts have no value. There are {model} and {adapter} (paths of files), {port}, {key} (which the host makes), {name}, {context}, {parallel}, {tokens} (context × parallel), {threads} and {gpus} (how many). Double braces are left as they are.",
  "check/engine-flag":
    "Model, address, port, key, context, parallelism and GPU memory follow from the deployment and the host: an argument that says otherwise would make the plan untrue. To write all of the command use kind: openai.",
  "check/engine-variable":
    "The environment of an external engine may not say what else is loaded into it (LD_PRELOAD, PYTHONPATH, PATH and the like), nor what the host sets: which GPUs it sees, where its caches are, and that it fetches nothing.",
  "check/engine-secret":
    "Definitions and plans are read by many: no secret belongs there. Hosts fetch models themselves, and engines run without a network, so they need no token.",
  "check/engine-cannot":
    "The deployment asks for what this kind of engine cannot be told: an adapter in GGUF form or a packed cache of vLLM or SGLang, to run without a GPU, or adapters beside one another.",
  "check/schedule":
    "A freeze window starts at times that cron writes in five fields (minute, hour, day of the month, month, day of the week), in a time zone of the IANA database, and lasts from a minute to 31 days. The times must come, and the window should end before it starts again.",
  "check/retired":
    "The fleet retires a deployment that a factory still deploys. Retired is what is gone for good: hosts that run it may let go of it. A single host lets go of a deployment that stays elsewhere by its own retired.",

  "lock/missing":
    "The lock does not hold this source. Run millwright lock and commit factories/models.lock.yaml.",
  "lock/stale":
    "The lock cannot be read. Run millwright lock and commit factories/models.lock.yaml.",
  "lock/not-a-model":
    "The file behind the source is not what the definition says: an adapter where a model is wanted, or the other way round.",
  "lock/not-an-agent":
    "The file behind the source is not the archive of an agent of this version, for this processor. npm run package:agent makes one for each; its name says of what.",

  "fit/does-not-fit": "The deployment needs more memory than any host that it may stand on has.",
  "fit/cache-not-possible":
    "The engine packs keys and values in blocks of 32, and the heads of this model do not fill whole ones. It would refuse to load.",
  "fit/context-too-long": "The context is longer than the model was made for.",

  "place/no-host-matches":
    "No host meets what the deployment asks for with `where`: its name, site, region or a label. Either no host has what one condition asks for, or none has all of them together; or there are no hosts yet.",
  "place/no-host-fits": "Hosts match, but none has enough memory left.",
  "place/not-enough-hosts":
    "With `spread`, each replica needs a host or a site of its own, and there are too few.",
  "place/residency": "The data that the deployment reads may not be where its hosts stand.",
  "place/clearance":
    "The data that the deployment works with is more secret than any of its hosts may hold. Data that a factory does not declare is taken for internal.",
  "place/unknown-region": "A residency names neither a region of a host nor a group of the fleet.",

  "sovereignty/classification":
    "Data would come to a host or a hub that may not hold anything as secret. The way that it takes is shown, from where it comes. Choose another place, or take personal data out on the way and say in `redacted` what it is then.",
  "sovereignty/residency":
    "Data would leave the regions where it may be: a hub that keeps feedback stands elsewhere, or nothing says where it stands. The way that it takes is shown. Say in the fleet's hubs where each one is, or keep no feedback.",
  "sovereignty/purpose":
    "Data would be used for what its `purposes` do not allow: `train` for an adapter that learned from it, `serve` for a deployment of a factory that reads it, `evaluate` for feedback.",
  "sovereignty/retention":
    "Feedback would be kept for longer than data that the factory works with may be kept.",
  "sovereignty/redaction":
    "Data that must be redacted before it leaves a host would be sent to a hub as it is.",
  "sovereignty/consent":
    "Data was given under a consent that the fleet lists as withdrawn, and something still reads it or has learned from it.",

  "policy/syntax":
    "The expression of a policy is no CEL. schema/POLICIES.md shows the language in ten lines.",
  "policy/type":
    "The expression of a policy asks for what there cannot be: a field that no such definition has, a comparison that never holds, a function that does not take this. Types come from the schemas of the definitions.",
  "policy/denied":
    "A policy of the organisation forbids it. The message is the policy's own; its expression stands where the policy is defined. Change the definition, or the policy, with those who own it.",
  "policy/warned": "A policy of the organisation warns of it. The message is the policy's own.",
  "policy/error":
    "A policy could not judge: its expression read a field that was not written, or an item that is not there. Ask before reading: has(self.field) && …. What could not be judged is not allowed.",
  "policy/too-costly":
    "Evaluating a policy took more steps than a policy needs. Look for lists within lists: let each thing be asked only about itself.",

  "render/route-nowhere": "No host serves any deployment of the route.",
} as const;

export type Code = keyof typeof catalog;
