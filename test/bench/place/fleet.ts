/** Fleets by chance, the same for the same seed, with as much wanted of them as is asked for. */
import { digestOf, type Factory, type Fleet, type Host, type Model } from "@millwright/schema";
import type { Definitions, Found } from "../../../compiler/check/check.ts";
import type { Lock, ModelFacts } from "../../../compiler/lock/lock.ts";

/** Mulberry32 (Tommy Ettinger): 32 bits of state are enough for a bench. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Wanted {
  readonly name: string;
  readonly replicas: number;
  readonly gpus: number;
  readonly model: string;
  readonly where?: Readonly<Record<string, string>>;
  readonly spread?: "host";
}

const racks = ["a", "b", "c", "d"];

/** Servers of three kinds, in four racks. */
export function hostsOf(count: number, random: () => number): readonly Host[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = random();
    const gpu =
      kind < 0.5
        ? { model: "L40S", memory: "48GiB", count: 4 }
        : { model: "H200", memory: "141GiB", count: 8 };
    return {
      kind: "host",
      name: `host-${String(index).padStart(5, "0")}`,
      key: `ed25519:${digestOf(`key ${index}`).slice(7, 49)}A`,
      ...{ site: "fra", region: "de", memory: "1500GiB", cores: 96 },
      labels: { rack: racks[Math.floor(random() * racks.length)] ?? "a" },
      ...(kind < 0.9 && { gpus: [gpu] }),
    };
  });
}

/** Models of 4 to 90 GiB: what serves a team, up to what fills a GPU or two. */
export const models: readonly Model[] = [4, 9, 16, 28, 40, 66, 90].map((size) => ({
  kind: "model",
  name: `model-${size}`,
  source: `file:models/model-${size}.gguf`,
}));

export function definitionsOf(hosts: readonly Host[], wanted: readonly Wanted[]): Definitions {
  const factory: Factory = {
    kind: "factory",
    name: "mill",
    owner: "team-mill",
    deployments: Object.fromEntries(
      wanted.map(({ name, ...fields }) => [name, { ...fields, context: 1024 }]),
    ),
  };
  const none = new Map();
  const fleet: Fleet = { kind: "fleet", name: "mills", hubs: ["ws://127.0.0.1:7420"] };
  return {
    fleet: found(fleet),
    hosts: byName(hosts),
    models: byName(models),
    ...{ adapters: none, datasets: none, policies: none },
    factories: byName([factory]),
  };
}

type Value = { readonly kind: string; readonly name: string };

function byName<V extends Value, F extends Found<never>>(
  all: readonly V[],
): ReadonlyMap<string, F> {
  return new Map(all.map((value) => [value.name, found(value)])) as never;
}

function found<F>(value: Value): F {
  const at = { file: value.name, start: 0, end: 1 };
  return { value, at, spanOf: () => at } as F;
}

export const lock: Lock = {
  sha256: "0".repeat(64),
  artifacts: new Map(
    models.map(({ name, source }) => {
      const tensorBytes = Number(name.slice(6)) * 1024 ** 3;
      const facts: ModelFacts = {
        ...{ kind: "model", architecture: "llama", layers: 4, embedding: 128, vocabulary: 512 },
        ...{ contextLength: 8192, heads: 4, kvHeads: 2, keyLength: 32, valueLength: 32 },
        ...{ tensorBytes, embeddingBytes: 131_072, tiedOutput: false },
      };
      return [source, { digest: digestOf(source), size: tensorBytes + 1000, facts }];
    }),
  ),
};
