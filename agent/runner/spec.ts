import {
  canonicalDigest,
  DIGEST_PATTERN,
  type Digest,
  NAME_PATTERN,
  PlannedEngine,
  readerOf,
} from "@millwright/schema";
import Type, { type Static } from "typebox";

const Artifact = Type.Object({
  digest: Type.Unsafe<Digest>({ type: "string", pattern: DIGEST_PATTERN }),
  path: Type.String(),
});

/** One model instance: which bytes, on what, how large. Two equal specifications are the same instance. */
export const RunnerSpec = Type.Object({
  deployment: Type.String({ pattern: NAME_PATTERN }),
  replica: Type.Integer({ minimum: 0 }),
  model: Artifact,
  adapter: Type.Optional(Artifact),
  /** The name by which callers ask for the adapter; absent: it is what the deployment itself answers with. */
  adapterName: Type.Optional(Type.String({ pattern: NAME_PATTERN })),
  /** Tokens of context of one request. */
  context: Type.Integer({ minimum: 1 }),
  /** Requests at the same time. */
  parallel: Type.Integer({ minimum: 1, maximum: 256 }),
  threads: Type.Integer({ minimum: 1 }),
  /** How keys and values are kept; 16-bit floats when absent, so that what has no word of it stays the same instance. */
  cache: Type.Optional(Type.Enum(["q8_0", "q4_0"])),
  /** How often its process was exchanged for a fresh one; absent: never. */
  generation: Type.Optional(Type.Integer({ minimum: 1 })),
  /** A program in place of the embedded engine. */
  engine: Type.Optional(PlannedEngine),
  /** Indices of GPUs; none: it runs on the cores. */
  gpus: Type.Array(Type.Integer({ minimum: 0 })),
});
export type RunnerSpec = Static<typeof RunnerSpec>;

export const readSpec = readerOf(RunnerSpec);

/** What identifies an instance: a surviving runner is taken over only when this is equal. */
export function digestOfSpec(spec: RunnerSpec): Digest {
  return canonicalDigest(spec);
}

/**
 * What identifies the weights in a process, and what they run on: instances with equal weights differ in their adapter
 * alone, and can be contexts of one process. External engines hold what they were started with, and nothing beside.
 */
export function weightsOf(spec: RunnerSpec): Digest {
  const { adapter: _, adapterName: __, ...weights } = spec;
  return canonicalDigest(spec.engine === undefined ? weights : spec);
}

/** What stays the same when its process is exchanged for a fresh one. */
export function originOf({ generation: _, ...origin }: RunnerSpec): Digest {
  return canonicalDigest(origin);
}

/** Of its weights, what stays the same. */
export function lineageOf({ generation: _, ...origin }: RunnerSpec): Digest {
  return weightsOf(origin);
}
