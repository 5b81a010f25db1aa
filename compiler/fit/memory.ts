import type { AdapterFacts, ModelFacts } from "../lock/lock.ts";
import { type CacheType, cacheOf } from "./cache.ts";
import { computeOf } from "./compute.ts";

export interface Running {
  /** Tokens of context of one request. */
  readonly context: number;
  /** Requests at the same time: each has a key-value cache of its own. */
  readonly parallel: number;
  /** On so many GPUs; 0: on the cores. */
  readonly gpus: number;
  /** How keys and values are kept; in 16 bits when absent. */
  readonly cache?: CacheType | undefined;
  readonly adapter?: AdapterFacts;
  /** More adapters, each with a context of its own over the same weights. */
  readonly adapters?: readonly AdapterFacts[];
  /** Tokens that are read in one step; node-llama-cpp's default when absent. */
  readonly batch?: number;
}

/** Bytes. The parts add up to `total`: of all GPUs together, or of main memory when it runs on the cores. */
export interface Fit {
  readonly weights: number;
  readonly cache: number;
  readonly compute: number;
  readonly overhead: number;
  readonly margin: number;
  readonly total: number;
  /** Main memory that is taken beside the GPUs; 0 on the cores, where `total` is main memory. */
  readonly beside: number;
}

const MIB = 1024 ** 2;
const BATCH = 512;
/** A process of its own. On a GPU the CUDA context and cuBLAS; on the cores Node and the engine (176 MiB resident with the 1.7 MB example model). */
const OVERHEAD = { gpu: 512 * MIB, cores: 176 * MIB } as const;
const MARGIN = 0.05;

export function memoryOf(facts: ModelFacts, running: Running): Fit {
  const { context, parallel, gpus, adapter, adapters = [], batch = BATCH } = running;
  const onGpus = gpus > 0;
  // The input embeddings stay in main memory; an output layer that is made of them needs them on the GPU as well.
  const elsewhere = onGpus && !facts.tiedOutput ? facts.embeddingBytes : 0;
  const over = [...(adapter === undefined ? [] : [adapter]), ...adapters];
  const corrections = over.reduce((sum, { tensorBytes }) => sum + tensorBytes, 0);
  const weights = facts.tensorBytes - elsewhere + corrections;
  const contexts = 1 + adapters.length;
  const kept = (cacheOf(facts, context, batch, running.cache) + (facts.state ?? 0)) * parallel;
  const cache = kept * contexts;
  // Each GPU has a buffer of its own, for each context.
  const compute = computeOf(facts, context, batch, running.cache) * Math.max(1, gpus) * contexts;
  const overhead = onGpus ? OVERHEAD.gpu * gpus : OVERHEAD.cores;
  const margin = Math.ceil(MARGIN * (weights + cache + compute + overhead));
  const total = weights + cache + compute + overhead + margin;
  const beside = onGpus ? OVERHEAD.cores + facts.embeddingBytes : 0;
  return { weights, cache, compute, overhead, margin, total, beside };
}
