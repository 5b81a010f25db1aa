/** Linked definitions made by hand, and a lock for them. A span's file says in words what it points at. */
import {
  type Adapter,
  type Dataset,
  type Definition,
  type Deployment,
  type Digest,
  digestOf,
  type Factory,
  type Fleet,
  gib,
  type Host,
  type Kind,
  type Model,
  type Policy,
} from "@millwright/schema";
import type { Definitions, Found } from "../../compiler/check/check.ts";
import type { Diagnostic, Stage } from "../../compiler/diagnostic/diagnostic.ts";
import type { Lock, LockedArtifact, ModelFacts } from "../../compiler/lock/lock.ts";
import { place } from "../../compiler/place/place.ts";
import { type Rendered, render } from "../../compiler/render/render.ts";
import { type Proved, prove } from "../../compiler/sovereignty/sovereignty.ts";

export interface Parts {
  readonly fleet?: Partial<Fleet>;
  readonly hosts?: readonly Host[];
  readonly models?: readonly Model[];
  readonly adapters?: readonly Adapter[];
  readonly datasets?: readonly Dataset[];
  readonly factories?: readonly Factory[];
  readonly policies?: readonly Policy[];
}

export function definitionsOf(parts: Parts): Definitions {
  const fleet: Fleet = {
    kind: "fleet",
    name: "mills",
    hubs: ["wss://hub.example.org"],
    ...parts.fleet,
  };
  return {
    fleet: found<"fleet">(fleet),
    hosts: byName<"host">(parts.hosts),
    models: byName<"model">(parts.models ?? [small]),
    adapters: byName<"adapter">(parts.adapters),
    datasets: byName<"dataset">(parts.datasets),
    factories: byName<"factory">(parts.factories),
    policies: byName<"policy">(parts.policies),
  };
}

function byName<K extends Kind>(all: readonly Definition[K][] = []): ReadonlyMap<string, Found<K>> {
  return new Map(all.map((value) => [value.name, found<K>(value)]));
}

function found<K extends Kind>(value: Definition[K]): Found<K> {
  const spanOf = (path: readonly (string | number)[]) => ({
    file: [value.kind, value.name, ...path].join(" "),
    start: 0,
    end: 1,
  });
  return { value, at: spanOf([]), spanOf };
}

export function host(name: string, fields: Partial<Host> = {}): Host {
  return {
    kind: "host",
    name,
    key: `ed25519:${digestOf(name).slice(7, 49)}A`,
    site: "fra",
    region: "de",
    memory: "2GiB",
    ...fields,
  };
}

/** A host with GPUs of 80 GiB. */
export function gpuHost(name: string, count: number, fields: Partial<Host> = {}): Host {
  return host(name, {
    memory: "512GiB",
    gpus: [{ model: "NVIDIA A100", memory: "80GiB", count }],
    ...fields,
  });
}

export function dataset(
  name: string,
  residency: readonly string[],
  fields: Partial<Dataset> = {},
): Dataset {
  return {
    kind: "dataset",
    name,
    classification: "internal",
    residency: [...residency],
    purposes: ["serve"],
    ...fields,
  };
}

/** A factory called `support`, of these deployments. */
export function factory(
  deployments: Readonly<Record<string, Partial<Deployment>>>,
  fields: Partial<Factory> = {},
): Factory {
  return {
    kind: "factory",
    name: "support",
    owner: "team-support",
    deployments: Object.fromEntries(
      Object.entries(deployments).map(([name, deployment]) => [
        name,
        { model: "small", context: 1024, ...deployment },
      ]),
    ),
    ...fields,
  };
}

export const small: Model = { kind: "model", name: "small", source: "file:models/small.gguf" };

/** A Llama of four layers: an instance takes 0.2 GiB on the cores. */
export const smallFacts: ModelFacts = {
  kind: "model",
  architecture: "llama",
  layers: 4,
  embedding: 128,
  vocabulary: 512,
  contextLength: 1_000_000,
  heads: 4,
  kvHeads: 2,
  keyLength: 32,
  valueLength: 32,
  tensorBytes: 10_000_000,
  embeddingBytes: 131_072,
  tiedOutput: false,
};

/** Weights of so many GiB, and nothing else that weighs. */
export function weighing(amount: number): ModelFacts {
  return { ...smallFacts, tensorBytes: gib(amount) };
}

/** A lock by source. */
export function lockOf(
  facts: Readonly<Record<string, LockedArtifact["facts"]>> = { [small.source]: smallFacts },
): Lock {
  return {
    artifacts: new Map(
      Object.entries(facts).map(([source, fact]) => [
        source,
        {
          digest: digestIn(source),
          size: ("tensorBytes" in fact ? fact.tensorBytes : 0) + 1000,
          facts: fact,
        },
      ]),
    ),
    sha256: "0".repeat(64),
  };
}

export function digestIn(source: string): Digest {
  return digestOf(source);
}

/** The value, where there must be one. */
export function valueIn<T>(stage: Stage<T>): T {
  if (!stage.ok) throw new Error(stage.problems.map(({ message }) => message).join("\n"));
  return stage.value;
}

/** The plans of definitions, placed and proved. */
export function plansOf(definitions: Definitions, lock: Lock): Rendered {
  return valueIn(render(definitions, valueIn(provedOf(definitions, lock))));
}

export function provedOf(definitions: Definitions, lock: Lock): Stage<Proved> {
  return prove(definitions, valueIn(place(definitions, lock)));
}

/** The only problem, where there must be one. */
export function problemIn(stage: Stage<unknown>): Diagnostic {
  const [problem, ...others] = stage.ok ? [] : stage.problems;
  if (problem === undefined || others.length > 0)
    throw new Error(`not one problem: ${JSON.stringify(stage)}`);
  return problem;
}
