/**
 * How much memory one instance of a deployment takes.
 *
 * In: the facts of a model, and how it is to run. Out: bytes, part by part.
 * Promise: pure integers, the same on any machine. Source: the formula of DESIGN ("Fit"), checked against the
 * no-allocation estimates of llama.cpp in shared/notes/running-models.md, section 3.
 */
import { showBytes } from "@millwright/schema";
import type { AdapterFacts, ModelFacts } from "../lock/lock.ts";

export interface Running {
  /** Tokens of context of one request. */
  readonly context: number;
  /** Requests at the same time: each has a key-value cache of its own. */
  readonly parallel: number;
  /** On GPUs, or on the cores. */
  readonly gpus: number;
  readonly adapter?: AdapterFacts;
}

/** Bytes. */
export interface Fit {
  readonly weights: number;
  readonly cache: number;
  readonly compute: number;
  readonly overhead: number;
  readonly margin: number;
  readonly total: number;
}

const MIB = 1024 ** 2;
/** Tokens that are read in one step: node-llama-cpp's default. */
const BATCH = 512;
/** The cache holds 16-bit floats. */
const CACHE_TYPE = 2;
/** A process of its own. On a GPU the CUDA context and cuBLAS; on the cores Node and the engine (176 MiB resident with the 1.7 MB example model). */
const OVERHEAD = { gpu: 512 * MIB, cores: 176 * MIB } as const;
const MARGIN = 0.05;

export function memoryOf(facts: ModelFacts, { context, parallel, gpus, adapter }: Running): Fit {
  // Token embeddings stay in main memory when the layers are on a GPU, unless the output layer is made of them.
  const elsewhere = gpus > 0 && !facts.tiedOutput ? facts.embeddingBytes : 0;
  const weights = facts.tensorBytes - elsewhere + (adapter?.tensorBytes ?? 0);
  // Sliding windows are counted as full attention: never too little, and exact for all others.
  const cache =
    kvHeadsOfAll(facts) * (facts.keyLength + facts.valueLength) * CACHE_TYPE * context * parallel;
  const compute = Math.ceil(BATCH * (4 * facts.vocabulary + 8.2 * facts.embedding));
  const overhead = gpus > 0 ? OVERHEAD.gpu * gpus : OVERHEAD.cores;
  const margin = Math.ceil(MARGIN * (weights + cache + compute + overhead));
  return {
    weights,
    cache,
    compute,
    overhead,
    margin,
    total: weights + cache + compute + overhead + margin,
  };
}

function kvHeadsOfAll({ kvHeads, layers }: ModelFacts): number {
  return typeof kvHeads === "number"
    ? kvHeads * layers
    : kvHeads.reduce((sum, heads) => sum + heads, 0);
}

/** The budget in one line, for people. */
export function fitText({ weights, cache, compute, overhead, margin, total }: Fit): string {
  const parts = { weights, cache, compute, overhead, margin };
  const said = Object.entries(parts).map(([name, bytes]) => `${name} ${showBytes(bytes)}`);
  return `${showBytes(total)} = ${said.join(" + ")}`;
}
