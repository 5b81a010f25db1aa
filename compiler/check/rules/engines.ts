import {
  bracedIn,
  type ExternalEngine,
  enginePlaceholders,
  parseDuration,
  refusedVariable,
} from "@millwright/schema";
import { type Diagnostic, type Span, suggestionsFrom } from "../../diagnostic/diagnostic.ts";
import { isOpen, ownedFlags, takes } from "../../engine/engine.ts";
import type { Drafts, Part } from "../draft.ts";

type Engine = Part<ExternalEngine>;
type Path = readonly (string | number)[];

interface Place {
  readonly name: string;
  readonly engine: Engine;
  readonly kind: ExternalEngine["kind"];
  /** Of a field of the engine. */
  readonly at: (...path: Path) => Span;
}

const near = suggestionsFrom([...enginePlaceholders]);

/** A host can start an external engine as it is written: its command, its placeholders, its environment. */
export function engines({ factories }: Drafts): readonly Diagnostic[] {
  return factories.flatMap(({ value, spanOf }) =>
    Object.entries(value.deployments ?? {}).flatMap(([name, deployment]): readonly Diagnostic[] => {
      const engine = deployment?.engine;
      if (deployment === undefined || engine?.kind === undefined) return [];
      const at = (...path: Path) => spanOf(["deployments", name, "engine", ...path]);
      const place = { name, engine, kind: engine.kind, at };
      return [
        ...commands(place),
        ...placeholders(place),
        ...flags(place),
        ...environment(place),
        ...secrets(place),
        ...probes(place),
        ...beyond(place, deployment, (field) => spanOf(["deployments", name, field])),
      ];
    }),
  );
}

function commands({ name, engine, kind, at }: Place): readonly Diagnostic[] {
  const [program] = engine.command ?? [];
  const wrong = (message: string, where: Span, cure: string): Diagnostic => ({
    ...{ code: "check/engine-command", severity: "error", message, at: where, cure },
  });
  if (isOpen(kind)) {
    if (engine.args !== undefined)
      return [
        wrong(`${name} writes out its engine's command`, at("args"), "put args into command"),
      ];
    if (engine.command === undefined)
      return [
        wrong(
          `${name} does not say which program is its engine`,
          at(),
          'write for example command: ["/opt/engine/bin/serve", "--model", "{model}", "--port", "{port}"]',
        ),
      ];
    if (!wordsOf(engine).some(({ text }) => bracedIn(text).includes("port")))
      return [
        wrong(
          `the engine of ${name} is not told on which port it is asked`,
          at("command"),
          'write "{port}" where it takes its port',
        ),
      ];
  }
  if (program === undefined || /^(\/\S*[^/\s]|[\w.+-]+)$/.test(program)) return [];
  return [
    wrong(
      `${program.slice(0, 80)} is no program that a host could find`,
      at("command", 0),
      "write its whole path, or its name alone",
    ),
  ];
}

/** Every text in which placeholders stand, with its place. */
function wordsOf({ command = [], args = [], env = {} }: Engine) {
  return [
    ...command.map((text, index) => ({ text: text ?? "", path: ["command", index] as Path })),
    ...args.map((text, index) => ({ text: text ?? "", path: ["args", index] as Path })),
    ...Object.entries(env).map(([key, text]) => ({ text: text ?? "", path: ["env", key] as Path })),
  ];
}

function placeholders({ name, engine, at }: Place): readonly Diagnostic[] {
  const known: readonly string[] = enginePlaceholders;
  return wordsOf(engine).flatMap(({ text, path }) =>
    bracedIn(text)
      .filter((word) => !known.includes(word))
      .map(
        (word): Diagnostic => ({
          code: "check/engine-placeholder",
          severity: "error",
          message: `the engine of ${name} is given {${word}}, for which no host has a value`,
          at: at(...path),
          cure:
            near.didYouMean(word) ?? `write one of ${known.map((each) => `{${each}}`).join(", ")}`,
        }),
      ),
  );
}

function flags({ name, engine, kind, at }: Place): readonly Diagnostic[] {
  const owned = new Set(ownedFlags(kind));
  return (engine.args ?? []).flatMap((text, index): readonly Diagnostic[] => {
    const [flag = ""] = (text ?? "").split("=");
    if (!owned.has(flag)) return [];
    return [
      {
        code: "check/engine-flag",
        severity: "error",
        message: `${flag} of the engine of ${name} follows from the deployment and the host`,
        at: at("args", index),
        cure: 'leave it out, or write the whole command with kind: "openai"',
      },
    ];
  });
}

function environment({ name, engine, at }: Place): readonly Diagnostic[] {
  return Object.keys(engine.env ?? {}).flatMap((variable): readonly Diagnostic[] => {
    const reason = refusedVariable(variable);
    if (reason === undefined) return [];
    return [
      {
        code: "check/engine-variable",
        severity: "error",
        message: `${variable} of the engine of ${name} is not the plan's to set: ${reason}`,
        at: at("env", variable),
        cure: "leave it out",
      },
    ];
  });
}

/** What the issuers of tokens begin them with, and names that say it. */
const token = /^(hf_|sk-|gh[pousr]_|github_pat_|glpat-|xox[abp]-|AKIA|nvapi-|eyJ)[\w-]{8,}/;
const secretName = /(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY)S?$/;

function secrets({ name, engine, at }: Place): readonly Diagnostic[] {
  return wordsOf(engine).flatMap(({ text, path }): readonly Diagnostic[] => {
    const [field, key] = path;
    const isNamed = field === "env" && secretName.test(String(key)) && bracedIn(text).length === 0;
    if (text === "" || !(isNamed || token.test(text.split("=").at(-1) ?? ""))) return [];
    return [
      {
        code: "check/engine-secret",
        severity: "error",
        message: `the engine of ${name} is given a secret, for all who can read the repository`,
        at: at(...path),
        cure: "engines fetch nothing and need none: leave it out, and change that secret; {key} is the key that the host makes",
      },
    ];
  });
}

/** As the plan has it. Milliseconds. */
const limits = {
  every: { least: 1_000, most: 3_600_000, words: "between 1s and 1h" },
  within: { least: 1_000, most: 86_400_000, words: "between 1s and 24h" },
} as const;

function probes({ engine: { probe }, at }: Place): readonly Diagnostic[] {
  return (["every", "within"] as const).flatMap((field): readonly Diagnostic[] => {
    const text = probe?.[field];
    const { least, most, words } = limits[field];
    const ms = text === undefined ? undefined : parseDuration(text);
    if (text === undefined || (ms !== undefined && ms >= least && ms <= most)) return [];
    return [
      {
        code: "check/invalid-value",
        severity: "error",
        message: `a probe takes no ${field} of ${text.slice(0, 40)}`,
        at: at("probe", field),
        cure: `write a duration ${words}`,
      },
    ];
  });
}

/** What the deployment asks for, and this engine cannot be told. */
function beyond(
  { name, engine, kind }: Place,
  deployment: {
    readonly adapter?: string;
    readonly adapters?: readonly unknown[];
    readonly cache?: string;
    readonly gpus?: number;
  },
  spanOf: (field: string) => Span,
): readonly Diagnostic[] {
  const { adapter, adapters = [], cache = "f16", gpus = 0 } = deployment;
  const cannot = (message: string, field: string, cure: string): Diagnostic => ({
    ...{ code: "check/engine-cannot", severity: "error", message, at: spanOf(field), cure },
  });
  const isTold = wordsOf(engine).some(({ text }) => bracedIn(text).includes("adapter"));
  return [
    ...(adapter !== undefined && !(takes(kind, "adapter") ?? isTold)
      ? [
          cannot(
            isOpen(kind)
              ? `the engine of ${name} is not told of its adapter`
              : `${kind} takes no adapter in GGUF form, as ${name} has one`,
            "adapter",
            isOpen(kind)
              ? 'write "{adapter}" where it takes one'
              : "use llama-server, or merge it into the model",
          ),
        ]
      : []),
    ...(adapters.length > 0
      ? [
          cannot(
            `${name} has adapters beside one another, and an external engine holds one at most`,
            "adapters",
            "leave engine out, or make a deployment for each adapter",
          ),
        ]
      : []),
    ...(cache !== "f16" && takes(kind, "cache") === false
      ? [
          cannot(
            `${kind} keeps its keys and values as its own arguments say, not in ${cache}`,
            "cache",
            "leave cache out, and say it in args or command",
          ),
        ]
      : []),
    ...(gpus === 0 && takes(kind, "cores") === false
      ? [
          cannot(
            `${kind} needs a GPU, and ${name} asks for none`,
            "engine",
            "write gpus: 1 or more, or use llama-server",
          ),
        ]
      : []),
  ];
}
