/* Made by `millwright schema`: do not edit by hand. */

/** What the whole organisation has in common: hubs, regions, defaults. A repository holds exactly one. */
export type Fleet = {
  /** What is defined. In TypeScript the function says it. */
  kind: "fleet";
  /** The organisation, as it appears in revisions and on the hub's page. */
  name: string;
  /**
   * Where agents find a hub, in order of preference. `wss:` anywhere, `ws:` only on loopback. Agents talk to no other.
   *
   * For example `["wss://hub.example.org"]` or `[{ url: "wss://hub.example.org", region: "de" }]`.
   */
  hubs: Hub[];
  /**
   * Groups of regions, for residency: `eu: [de, fr]` lets a dataset say `eu`.
   *
   * For example `{ eu: ["de", "fr"] }`.
   */
  regions?: Record<string, string[]>;
  /**
   * The licences that models and adapters may be under, as SPDX writes them. When given, each model and adapter says its own, and it is one of these.
   *
   * For example `["Apache-2.0", "MIT"]`.
   */
  licences?: string[];
  /** Windows in which hosts take no new plan, by name. What runs goes on; a plan that arrives waits for the end of the window. */
  freeze?: Record<string, Freeze>;
  /**
   * Which version of the agent hosts run. A host fetches it like a model, tries it beside the one that runs, and goes back when it does not come up. Absent: agents stay as they are.
   *
   * For example `{
   *   version: "0.2.0",
   *   packages: {
   *     x64: "https://releases.example.org/millwright-agent-0.2.0-linux-x64.tar.zst",
   *   },
   * }`.
   */
  agent?: AgentRelease;
  /**
   * An operator's pause, and why: hosts stay as they are, whatever else changes, until it is taken out again.
   *
   * For example `"the power feed is being exchanged on Tuesday"`.
   */
  hold?: string;
  /**
   * Deployments that run here no more. Hosts let go of what is protected only when it is named here.
   *
   * For example `["newsletter-writer"]`.
   */
  retired?: string[];
  /**
   * So long after nobody vouches any more that a host's plan is the newest, the host stops answering, until somebody does; from 1m. A proof lasts a day, and the time counts from its end. Hosts answer for ever when absent.
   *
   * A number and its unit: `ms`, `s`, `m`, `h` or `d`.
   *
   * For example `"10s"` or `"90d"`.
   */
  maxStaleness?: string;
  /**
   * Consents that people have withdrawn. Nothing that hangs on them may run: no deployment that reads such data, no adapter that learned from it.
   *
   * For example `["newsletter-2024"]`.
   */
  withdrawn?: string[];
  /** What hosts report of themselves. */
  telemetry?: {
    /**
     * How often a host reports its sensors; 10s when absent.
     *
     * A number and its unit: `ms`, `s`, `m`, `h` or `d`.
     *
     * For example `"10s"` or `"90d"`.
     */
    every?: string;
    /**
     * Where an OpenTelemetry collector takes metrics from every host as well (OTLP over HTTP). `https:` anywhere, `http:` only on loopback. What it asks for to let a host in stands in that host's OTEL_EXPORTER_OTLP_HEADERS.
     *
     * For example `"https://otel.example.org:4318"`.
     */
    collector?: string;
  };
};

/** A bare-metal server that runs models. Merging its definition enrols it; deleting the definition revokes it. */
export type Host = {
  /** What is defined. In TypeScript the function says it. */
  kind: "host";
  /** The host: what its plan is addressed to. */
  name: string;
  /** The host's public key, which `millwright-agent init` prints. The private half never leaves the host. */
  key: string;
  /** Where it stands: a data centre, a room. */
  site: string;
  /** The jurisdiction of the site, for residency: an ISO 3166 code in lower case, or a name of your own. */
  region: string;
  /** The highest class of data that it may hold; any, when absent. Deployments that read more secret data are placed elsewhere. */
  clearance?: "public" | "internal" | "confidential" | "restricted";
  /**
   * Anything that deployments select hosts by.
   *
   * For example `{ rack: "a" }`.
   */
  labels?: Record<string, string>;
  /**
   * Cores that models may use; one when absent.
   *
   * A whole number, 1 or more.
   */
  cores?: number;
  /**
   * Main memory that models may use. What the system needs is not part of it.
   *
   * A number of bytes, or a text such as `141GiB`.
   *
   * For example `"141GiB"` or `"500MB"`.
   */
  memory: number | string;
  /**
   * In the order of their indices. A host without any runs models on its cores.
   *
   * For example `[{ model: "NVIDIA H200", memory: "141GB", count: 8 }]`.
   */
  gpus?: {
    /**
     * As `nvidia-smi` names it.
     *
     * For example `"NVIDIA H200"`.
     */
    model: string;
    /**
     * Memory of one GPU.
     *
     * A number of bytes, or a text such as `141GiB`.
     *
     * For example `"141GiB"` or `"500MB"`.
     */
    memory: number | string;
    /**
     * How many; one when absent.
     *
     * A whole number from 1 to 64.
     */
    count?: number;
  }[];
  /** Where callers reach the host's models. */
  gateway?: {
    /**
     * Address and port of the OpenAI-compatible endpoint; 127.0.0.1:7430 when absent.
     *
     * For example `"127.0.0.1:7430"`.
     */
    listen: string;
    /**
     * Where other hosts reach its models: it listens there too, over TLS, for hosts of the fleet alone. Hosts that say so answer for each other what they do not run themselves.
     *
     * For example `"10.0.3.7:7432"`.
     */
    address?: string;
    /**
     * Factories whose tasks it passes on, beside those of which it runs something. Needs an `address`.
     *
     * For example `["support"]`.
     */
    factories?: Reference<"factory">[];
  };
  /**
   * Which version of the agent hosts run. A host fetches it like a model, tries it beside the one that runs, and goes back when it does not come up. Absent: agents stay as they are.
   *
   * For example `{
   *   version: "0.2.0",
   *   packages: {
   *     x64: "https://releases.example.org/millwright-agent-0.2.0-linux-x64.tar.zst",
   *   },
   * }`.
   */
  agent?: AgentRelease;
  /**
   * An operator's pause, and why: hosts stay as they are, whatever else changes, until it is taken out again.
   *
   * For example `"the power feed is being exchanged on Tuesday"`.
   */
  hold?: string;
  /**
   * Deployments that run here no more. Hosts let go of what is protected only when it is named here.
   *
   * For example `["newsletter-writer"]`.
   */
  retired?: string[];
  /** How the host gets and keeps models. */
  store?: {
    /**
     * Where other hosts of the site reach its gateway. Hosts that say so copy models from each other before they ask the internet.
     *
     * For example `"10.0.3.7:7430"`.
     */
    address?: string;
    /**
     * Asked for models before peers and the models' own sources. `https:` anywhere, `http:` only on loopback.
     *
     * For example `["https://models.fra.example.org"]`.
     */
    mirrors?: string[];
    /**
     * What all downloads together may take in a second; all there is, when absent.
     *
     * A number of bytes, or a text such as `141GiB`.
     *
     * For example `"141GiB"` or `"500MB"`.
     */
    bandwidth?: number | string;
    /**
     * What models leave free of the disk; 256MiB when absent.
     *
     * A number of bytes, or a text such as `141GiB`.
     *
     * For example `"141GiB"` or `"500MB"`.
     */
    reserve?: number | string;
    /**
     * Parts of the disk in use between which models go that no plan names, the longest unused first; 0.85 and 0.7 when absent.
     *
     * For example `{ high: 0.9, low: 0.8 }`.
     */
    watermarks?: {
      /**
       * Where it begins.
       *
       * A number from 0 to 1.
       */
      high: number;
      /**
       * Where it ends.
       *
       * A number from 0 to 1.
       */
      low: number;
    };
    /**
     * How many other hosts may copy from it at once; 4 when absent.
     *
     * A whole number from 0 to 1,000.
     */
    uploads?: number;
  };
};

/** A model in GGUF form. `millwright lock` resolves its source to a digest. */
export type Model = {
  /** What is defined. In TypeScript the function says it. */
  kind: "model";
  /** What deployments and adapters call it. */
  name: string;
  /**
   * `file:models/x.gguf` beside the definitions in the repository (the hub serves it), `file:///srv/models/x.gguf` on every host's disk, or `https://…`.
   *
   * For example `"file:models/mail-triage.gguf"` or `"https://models.example.org/coder-q4.gguf"`.
   */
  source: string;
  /**
   * What it may be used for: an SPDX expression such as `Apache-2.0`, or `LicenseRef-…` for a licence of its own. The fleet may say which are allowed.
   *
   * For example `"Apache-2.0"` or `"MIT OR Apache-2.0"` or `"LicenseRef-llama-3.1"`.
   */
  licence?: string;
  /** A question asked of a freshly loaded model before it gets any traffic. */
  smoke?: Smoke;
};

/** A LoRA adapter in GGUF form: a small correction over the weights of one model. */
export type Adapter = {
  /** What is defined. In TypeScript the function says it. */
  kind: "adapter";
  /** What deployments call it. */
  name: string;
  /**
   * The model whose weights it corrects.
   *
   * A model: the definition itself, or its name.
   */
  base: Reference<"model">;
  /**
   * `file:models/x.gguf` beside the definitions in the repository (the hub serves it), `file:///srv/models/x.gguf` on every host's disk, or `https://…`.
   *
   * For example `"file:models/mail-triage.gguf"` or `"https://models.example.org/coder-q4.gguf"`.
   */
  source: string;
  /**
   * What it may be used for: an SPDX expression such as `Apache-2.0`, or `LicenseRef-…` for a licence of its own. The fleet may say which are allowed.
   *
   * For example `"Apache-2.0"` or `"MIT OR Apache-2.0"` or `"LicenseRef-llama-3.1"`.
   */
  licence?: string;
  /** The data that it learned from. It may live only where that data may. */
  trainedOn?: Reference<"dataset">[];
  /** A question asked of a freshly loaded model before it gets any traffic. */
  smoke?: Smoke;
};

/** Data that a factory works on, and the rules that travel with it. */
export type Dataset = {
  /** What is defined. In TypeScript the function says it. */
  kind: "dataset";
  /** What factories and adapters call it. */
  name: string;
  /** How secret it is. Feedback on work with it carries the same mark. */
  classification: "public" | "internal" | "confidential" | "restricted";
  /**
   * Where it may be. A deployment that reads it is placed on hosts of these regions alone.
   *
   * For example `["eu"]`.
   */
  residency: string[];
  /**
   * What it may be used for. Feedback on work with it carries the same list.
   *
   * For example `["serve", "evaluate"]`.
   */
  purposes: ("serve" | "monitor" | "evaluate" | "train" | "debug")[];
  /**
   * The longest that anything taken from it is kept. A factory that reads it keeps feedback no longer.
   *
   * A number and its unit: `ms`, `s`, `m`, `h` or `d`.
   *
   * For example `"10s"` or `"90d"`.
   */
  retention?: string;
  /** What must be taken out before anything of it leaves a host: `personal` as in a factory's feedback. */
  redact?: "personal";
  /**
   * What changes once personal data is taken out. Every use of this is listed in the proof. What is not said stays as it is.
   *
   * For example `{ classification: "internal" }`.
   */
  redacted?: {
    /** How secret it is then. */
    classification?: "public" | "internal" | "confidential" | "restricted";
    /** Where it may be then. */
    residency?: string[];
  };
  /**
   * The consents under which it was given, by names of your own. When the fleet lists one as withdrawn, nothing that hangs on it compiles.
   *
   * For example `["support-terms-2025"]`.
   */
  consent?: string[];
};

/** A production line: models, the tasks they do, and the data they read. */
export type Factory = {
  /** What is defined. In TypeScript the function says it. */
  kind: "factory";
  /** What reports and feedback call it. */
  name: string;
  /** The team that answers for it, shown with its feedback. */
  owner: string;
  /** The data that its tasks see. */
  reads?: Reference<"dataset">[];
  /** By name. Deployments and routes share one space of names in the whole fleet: callers use them as `model`. */
  deployments: Record<string, Deployment>;
  /** By name: what callers ask for. */
  routes?: Record<string, Route>;
  /** Who may call, by a name for usage and logs. With none, everybody may who reaches the gateway. */
  apiKeys?: Record<string, ApiKey>;
  /** What is kept of the work. */
  feedback?: FeedbackRules;
};

/** A rule of the organisation's own, in CEL (https://cel.dev). */
export type Policy = {
  /** What is defined. In TypeScript the function says it. */
  kind: "policy";
  /** What messages call it. */
  name: string;
  /** What it judges: each definition of a kind, each deployment, each host's plan; or `change`, the change as a whole. */
  on: "fleet" | "host" | "model" | "adapter" | "dataset" | "factory" | "deployment" | "plan" | "change";
  /**
   * CEL: which of them it is about; all, when absent.
   *
   * For example `"self.gpus > 0"`.
   */
  when?: string;
  /**
   * CEL: what must be true. `self` is what is judged, `definitions` all there is. With `before` and `after` it judges the change, in `millwright diff` and `millwright release`.
   *
   * For example `"has(self.licence) && self.licence != \"\""`.
   */
  require: string;
  /** What the author is told when it is not true: why, and what to do. */
  message: string;
  /** `deny`, when absent: nothing is rendered. `warn`: it is only said. */
  action?: "deny" | "warn";
};

/** Which version of the agent hosts run. A host fetches it like a model, tries it beside the one that runs, and goes back when it does not come up. Absent: agents stay as they are. */
export type AgentRelease = {
  /**
   * The version: three numbers.
   *
   * For example `"0.2.0"`.
   */
  version: string;
  /** Where it can be had, for each processor that the hosts have. */
  packages: {
    /**
     * The archive for hosts with x64, which `npm run package:agent` makes. Written like the source of a model; `millwright lock` resolves it.
     *
     * For example `"file:agents/millwright-agent-0.2.0-linux-x64.tar.zst"`.
     */
    x64?: string;
    /**
     * The archive for hosts with arm64, which `npm run package:agent` makes. Written like the source of a model; `millwright lock` resolves it.
     *
     * For example `"file:agents/millwright-agent-0.2.0-linux-arm64.tar.zst"`.
     */
    arm64?: string;
  };
};

/** Who may call, for what, and how much. */
export type ApiKey = {
  /**
   * The SHA-256 of the key, as `millwright key` prints it. The key itself belongs to the caller, and into no repository.
   *
   * For example `"sha256:8fc03faa39d1ab2b7f5d4b1b7b4bd9f2f8b2a9a9b7c5a8a1d7a5e2a1cfb4d3e0"`.
   */
  digest: string;
  /**
   * What it may ask for; everything of this factory when absent.
   *
   * For example `["summarise-mail"]`.
   */
  models?: string[];
  /**
   * How many requests a host takes of it in a minute; as many as come when absent.
   *
   * A whole number from 1 to 1,000,000.
   */
  requestsPerMinute?: number;
  /**
   * How many tokens a host reads and writes for it in a day (UTC); as many as come when absent.
   *
   * A whole number from 1 to 1,000,000,000,000.
   */
  tokensPerDay?: number;
  /** Who is answered first when more is asked than can be answered at once; normal when absent. Keys of the same priority take turns. */
  priority?: "high" | "normal" | "low";
};

/** A model held ready: how often, how large, and where. */
export type Deployment = {
  /**
   * What it runs.
   *
   * A model: the definition itself, or its name.
   */
  model: Reference<"model">;
  /**
   * The LoRA adapter over the model.
   *
   * An adapter: the definition itself, or its name.
   */
  adapter?: Reference<"adapter">;
  /**
   * More adapters, over the same weights, each answering beside the others: callers ask for them as `deployment:adapter`. Each takes a context of memory.
   *
   * For example `["mail-triage-care"]`.
   */
  adapters?: Reference<"adapter">[];
  /**
   * How many instances; one when absent.
   *
   * A whole number from 1 to 10,000.
   */
  replicas?: number;
  /**
   * Tokens of context of one request.
   *
   * A whole number from 64 to 10,000,000.
   */
  context: number;
  /**
   * Requests answered at the same time by one instance; one when absent.
   *
   * A whole number from 1 to 256.
   */
  parallel?: number;
  /** How keys and values are kept: `f16`, when absent, in 16 bits; `q8_0` in about half the memory, `q4_0` in about a quarter, for answers that may differ a little. */
  cache?: "f16" | "q8_0" | "q4_0";
  /**
   * GPUs of one instance; 0, when absent, runs it on the cores.
   *
   * A whole number from 0 to 64.
   */
  gpus?: number;
  /**
   * A program that holds the model in place of the embedded engine, and speaks OpenAI's HTTP API. Hosts start only what their operators list.
   *
   * For example `{
   *   kind: "vllm",
   *   memory: "120GiB",
   * }`.
   */
  engine?: ExternalEngine;
  /**
   * Only hosts whose `name`, `site`, `region` or labels say so.
   *
   * For example `{ site: "fra" }`.
   */
  where?: Record<string, string>;
  /** Put no two replicas on the same host, or at the same site. */
  spread?: "host" | "site";
  /**
   * Deployments, of any factory, with which it never shares a host; it is enough that one of the two says so.
   *
   * For example `["planner"]`.
   */
  antiAffinity?: string[];
  /** `beside`, when absent: load the new one next to the old, then move the traffic; needs room for both. `drain`: finish what runs, stop the old, load the new. */
  upgrade?: "beside" | "drain";
  /**
   * When a process is exchanged for a fresh one, whatever comes first: engines keep a little of the memory that they should give back. It is exchanged as an upgrade is, and no request is dropped where there is room for both.
   *
   * For example `{ after: "7d", requests: 100000 }`.
   */
  recycle?: {
    /**
     * So long after its start; 1m or more.
     *
     * A number and its unit: `ms`, `s`, `m`, `h` or `d`.
     *
     * For example `"10s"` or `"90d"`.
     */
    after?: string;
    /**
     * After so many requests.
     *
     * A whole number from 1 to 9,007,199,254,740,991.
     */
    requests?: number;
  };
  /** Whether a host that runs it keeps it until it is named under `retired`, of the host or the fleet: against deletions by mistake. */
  protect?: boolean;
};

/** A program that holds the model in place of the embedded engine, and speaks OpenAI's HTTP API. Hosts start only what their operators list. */
export type ExternalEngine = {
  /** `vllm`, `sglang` and `llama-server` are started with their own flags; `openai` is any program that speaks the API, with the `command` that you write. */
  kind: "vllm" | "sglang" | "llama-server" | "openai";
  /**
   * The program, by its path or by a name that the host's operator lists in /etc/millwright/engines. For `openai` all of its arguments, with `{port}` and other placeholders; for the others how it begins, when that is not `vllm serve`, `python3 -m sglang.launch_server` or `llama-server`. No shell reads it.
   *
   * For example `["/opt/vllm/bin/vllm", "serve"]`.
   */
  command?: string[];
  /**
   * More arguments, after those that `vllm`, `sglang` or `llama-server` get from the deployment.
   *
   * For example `["--enable-auto-tool-choice", "--tool-call-parser", "hermes"]`.
   */
  args?: string[];
  /**
   * Its environment, beside what the host gives every engine. No secrets.
   *
   * For example `{ VLLM_ATTENTION_BACKEND: "FLASHINFER" }`.
   */
  env?: Record<string, string>;
  /** How to see that it is well. */
  probe?: {
    /**
     * What answers 200 while it can answer; `/health` when absent.
     *
     * For example `"/health"`.
     */
    path?: string;
    /**
     * How often it is asked; 10s when absent. Three times without an answer, and it is started anew.
     *
     * A number and its unit: `ms`, `s`, `m`, `h` or `d`.
     *
     * For example `"10s"` or `"90d"`.
     */
    every?: string;
    /**
     * How long it may take to come up; when absent 10m, and a minute more for every 12 GB of the model.
     *
     * A number and its unit: `ms`, `s`, `m`, `h` or `d`.
     *
     * For example `"10s"` or `"90d"`.
     */
    within?: string;
  };
  /**
   * What one instance takes, of all its GPUs together or of main memory; when absent what the embedded engine would take.
   *
   * A number of bytes, or a text such as `141GiB`.
   *
   * For example `"141GiB"` or `"500MB"`.
   */
  memory?: number | string;
};

/** One rule of a route, which is about some tasks or about all that are left. */
export type Choice = {
  /**
   * CEL: which tasks it is about; all that are left, when absent. It reads `task`, `operation`, `tokens`, `messages`, `tools`, `schema`, `stream`, `language`, `caller` and `priority`.
   *
   * For example `"tokens < 2000 && !tools"` or `"language in [\"de\", \"fr\"]"`.
   */
  when?: string;
  /** What answers: a deployment, or a route of this factory that only leads to some. */
  to?: string;
  /**
   * Deployments of this factory, each with its weight: so many of all conversations go there. A conversation (`metadata.episode_id`, else `user`) stays where it is.
   *
   * For example `{ triage: 95, "triage-next": 5 }`.
   */
  split?: Record<string, number>;
  /** A question to a small model: of which kind a task is. */
  classify?: Classifier;
};

/** A question to a small model: of which kind a task is. */
export type Classifier = {
  /** The deployment that is asked: a small model, for every task waits for it. */
  by: string;
  /**
   * The kinds of task, by name.
   *
   * For example `{
   *   code: { is: "writes or explains programs", to: "coder" },
   *   mail: { is: "is about a letter or a mail", to: "triage" },
   * }`.
   */
  labels: Record<string, {
    /** What tasks of this kind are, in the words that the model reads. */
    is: string;
    /** What answers them: a deployment, or a route that only leads to some. Absent: the next choice. */
    to?: string;
  }>;
  /**
   * How sure the model must be of the kind; 0.5 when absent. Below it, the next choice decides.
   *
   * A number from 0 to 1.
   */
  atLeast?: number;
  /**
   * How long it is waited for; `1s` when absent. After that, the next choice decides.
   *
   * A number and its unit: `ms`, `s`, `m`, `h` or `d`.
   *
   * For example `"10s"` or `"90d"`.
   */
  within?: string;
};

/** A name that callers use for a kind of task, and what answers it. */
export type Route = {
  /** A deployment of this factory. */
  to?: string;
  /**
   * Rules in place of `to`: the first that is about a task says what answers it. The last one is about all.
   *
   * For example `[{ when: "tokens < 2000 && !tools", to: "triage" }, { to: "planner" }]`.
   */
  choose?: Choice[];
  /**
   * Deployments of this factory, each with its weight: so many of all conversations go there. A conversation (`metadata.episode_id`, else `user`) stays where it is.
   *
   * For example `{ triage: 95, "triage-next": 5 }`.
   */
  split?: Record<string, number>;
  /**
   * What answers, in this order, when the first cannot: deployments, or other routes of this factory, each of which stands for all that it leads to.
   *
   * For example `["large"]` or `["summarise-carefully"]`.
   */
  fallback?: string[];
  /**
   * A second, larger model for answers of which the first is not sure. Nothing is streamed before the answer is whole.
   *
   * For example `{ below: 0.6, to: "large" }`.
   */
  escalate?: {
    /**
     * The confidence below which the answer is not given: the mean probability (geometric) of its tokens.
     *
     * A number from 0 to 1.
     */
    below: number;
    /** The deployment that is then asked the same. */
    to: string;
  };
  /**
   * A deployment that is tried out: its answers are compared with those that were given, and nobody gets them.
   *
   * For example `{ to: "triage-next", share: 0.1 }`.
   */
  shadow?: {
    /** The deployment that is asked the same, afterwards and out of turn. */
    to: string;
    /**
     * Of all tasks.
     *
     * A number from 0 to 1.
     */
    share: number;
  };
};

/** What is kept of the work. */
export type FeedbackRules = {
  /**
   * The share of answers kept without being asked.
   *
   * A number from 0 to 1.
   */
  sample: number;
  /** `personal`: mail addresses, telephone, card and account numbers and IP addresses are replaced before anything touches the disk. */
  redact: "personal" | "nothing";
  /**
   * How long the hub keeps a sample.
   *
   * A number and its unit: `ms`, `s`, `m`, `h` or `d`.
   *
   * For example `"10s"` or `"90d"`.
   */
  keep: string;
};

/** A time in which hosts take no new plan. */
export type Freeze = {
  /**
   * When it starts: minute, hour, day of the month, month, day of the week, as cron writes them.
   *
   * For example `"0 18 28 3,6,9,12 *"`.
   */
  starts: string;
  /**
   * How long each lasts, from 1m to 31d.
   *
   * A number and its unit: `ms`, `s`, `m`, `h` or `d`.
   *
   * For example `"10s"` or `"90d"`.
   */
  lasts: string;
  /**
   * The IANA time zone of `starts`; UTC when absent.
   *
   * For example `"Europe/Berlin"`.
   */
  timezone?: string;
};

/** A hub: its address, or its address and where it keeps what hosts send. */
export type Hub = string | {
  /**
   * Where agents find it.
   *
   * For example `"wss://hub.example.org"`.
   */
  url: string;
  /** Where it stands and keeps what hosts send. Feedback from data with rules goes to no hub that does not say. */
  region?: string;
  /** The highest class of data that it may hold; any, when absent. */
  clearance?: "public" | "internal" | "confidential" | "restricted";
};

/** A question asked of a freshly loaded model before it gets any traffic. */
export type Smoke = {
  /** Said as the user. */
  prompt: string;
  /** What the answer must contain. */
  contains: string;
  /**
   * The longest it may take; 30s when absent.
   *
   * A number and its unit: `ms`, `s`, `m`, `h` or `d`.
   *
   * For example `"10s"` or `"90d"`.
   */
  within?: string;
};

/**
 * What the whole organisation has in common: hubs, regions, defaults. A repository holds exactly one.
 *
 * @example
 * fleet({
 *   name: "acme",
 *   hubs: [{ url: "wss://hub.acme.example", region: "de", clearance: "confidential" }],
 *   regions: { eu: ["de", "fr", "nl"] },
 *   licences: ["Apache-2.0", "MIT"],
 *   freeze: {
 *     "quarter-end": { starts: "0 18 28 3,6,9,12 *", lasts: "3d", timezone: "Europe/Berlin" },
 *   },
 *   agent: {
 *     version: "0.2.0",
 *     packages: {
 *       x64: "https://releases.acme.example/millwright-agent-0.2.0-linux-x64.tar.zst",
 *     },
 *   },
 *   hold: "the power feed is being exchanged on Tuesday",
 *   retired: ["newsletter-writer"],
 *   maxStaleness: "30d",
 *   withdrawn: ["newsletter-2024"],
 *   telemetry: { every: "10s" },
 * });
 */
export declare function fleet(fields: Fields<Fleet>): Written<"fleet", Fleet>;

/**
 * A bare-metal server that runs models. Merging its definition enrols it; deleting the definition revokes it.
 *
 * @example
 * host({
 *   name: "fra-3",
 *   key: "ed25519:xOAH4pgW7TfcrSbW0APE3RSCL4xdlz0EsmeOP18kjto",
 *   site: "fra",
 *   region: "de",
 *   clearance: "confidential",
 *   labels: { rack: "c" },
 *   cores: 96,
 *   memory: "1500GiB",
 *   gpus: [{ model: "NVIDIA H200", memory: "141GB", count: 8 }],
 *   gateway: { listen: "127.0.0.1:7430", address: "10.0.3.7:7432" },
 *   agent: {
 *     version: "0.3.0",
 *     packages: {
 *       x64: "https://releases.acme.example/millwright-agent-0.3.0-linux-x64.tar.zst",
 *     },
 *   },
 *   hold: "the power feed is being exchanged on Tuesday",
 *   retired: ["newsletter-writer"],
 *   store: {
 *     mirrors: ["https://models.fra.example.org"],
 *     bandwidth: "200MB",
 *     reserve: "50GiB",
 *   },
 * });
 */
export declare function host(fields: Fields<Host>): Written<"host", Host>;

/**
 * A model in GGUF form. `millwright lock` resolves its source to a digest.
 *
 * @example
 * model({
 *   name: "mail-triage",
 *   source: "file:models/mail-triage.gguf",
 *   licence: "Apache-2.0",
 *   smoke: { prompt: "My parcel 4821 has not arrived.", contains: "logistics" },
 * });
 */
export declare function model(fields: Fields<Model>): Written<"model", Model>;

/**
 * A LoRA adapter in GGUF form: a small correction over the weights of one model.
 *
 * @example
 * adapter({
 *   name: "mail-triage-care",
 *   base: "mail-triage",
 *   source: "file:models/mail-triage-care-lora.gguf",
 *   licence: "Apache-2.0",
 *   trainedOn: ["support-mail"],
 *   smoke: { prompt: "I do not want keyboard 6823 any more.", contains: "care" },
 * });
 */
export declare function adapter(fields: Fields<Adapter>): Written<"adapter", Adapter>;

/**
 * Data that a factory works on, and the rules that travel with it.
 *
 * @example
 * dataset({
 *   name: "support-mail",
 *   classification: "confidential",
 *   residency: ["eu"],
 *   purposes: ["serve", "evaluate", "train"],
 *   retention: "180d",
 *   redact: "personal",
 *   redacted: { classification: "internal" },
 *   consent: ["support-terms-2025"],
 * });
 */
export declare function dataset(fields: Fields<Dataset>): Written<"dataset", Dataset>;

/**
 * A production line: models, the tasks they do, and the data they read.
 *
 * @example
 * factory({
 *   name: "support",
 *   owner: "team-support",
 *   reads: ["support-mail"],
 *   deployments: {
 *     triage: {
 *       model: "mail-triage",
 *       replicas: 2,
 *       context: 2048,
 *       parallel: 8,
 *       spread: "host",
 *     },
 *     careful: { model: "planner", context: 32768, gpus: 1, where: { site: "fra" } },
 *   },
 *   routes: { "summarise-mail": { to: "triage", fallback: ["careful"] } },
 *   apiKeys: {
 *     crm: {
 *       digest: "sha256:8fc03faa39d1ab2b7f5d4b1b7b4bd9f2f8b2a9a9b7c5a8a1d7a5e2a1cfb4d3e0",
 *       models: ["summarise-mail"],
 *       requestsPerMinute: 600,
 *     },
 *   },
 *   feedback: { sample: 0.1, redact: "personal", keep: "90d" },
 * });
 */
export declare function factory(fields: Fields<Factory>): Written<"factory", Factory>;

/**
 * A rule of the organisation's own, in CEL (https://cel.dev).
 *
 * @example
 * policy({
 *   name: "two-replicas",
 *   on: "deployment",
 *   when: "self.factory == 'support'",
 *   require: "self.replicas >= 2",
 *   message: "Support is answered around the clock. Give the deployment two replicas.",
 *   action: "deny",
 * });
 */
export declare function policy(fields: Fields<Policy>): Written<"policy", Policy>;

/** The definition of each kind. */
export interface Definition {
  readonly fleet: Fleet;
  readonly host: Host;
  readonly model: Model;
  readonly adapter: Adapter;
  readonly dataset: Dataset;
  readonly factory: Factory;
  readonly policy: Policy;
}

/** A kind of definition. */
export type Kind = keyof Definition;

/** The name of another definition. Any string is accepted by the type; the compiler looks it up. */
export type Reference<K extends Kind> = string & { readonly "x-refers-to"?: K };

/** A definition as its author function returns it: enough to refer to it. */
export interface Defined<K extends Kind> {
  readonly kind: K;
  readonly name: string;
}

/** What an author may write: wherever a name is wanted, the definition itself will do. */
export type Authored<T> = T extends string
  ? "x-refers-to" extends keyof T
    ? T extends Reference<infer K>
      ? string | Defined<K>
      : T
    : T
  : T extends readonly (infer Item)[]
    ? readonly Authored<Item>[]
    : T extends object
      ? { readonly [P in keyof T]: Authored<T[P]> }
      : T;

/** What an author function takes: everything but the kind. */
export type Fields<T> = Authored<Omit<T, "kind">>;

/** What an author function gives back: what it took, and the kind. */
export type Written<K extends Kind, T> = Fields<T> & { readonly kind: K };

export type Classification = Dataset["classification"];

export type Purpose = Dataset["purposes"][number];

/** `[0, 1, …, end - 1]`, or from `start` to `end - 1`. */
export declare function range(start: number, end?: number): number[];

/** So many gibibytes, in bytes. */
export declare function gib(amount: number): number;

/** So many days, as a duration. */
export declare function days(amount: number): string;
