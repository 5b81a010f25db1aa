import {
  getLlama,
  type Llama,
  type LlamaContext,
  LlamaLogLevel,
  type LlamaModel,
} from "node-llama-cpp";
import type { RunnerSpec } from "../spec.ts";
import type { Batches } from "./batches.ts";

/** A model in memory, over which contexts are opened. */
export interface Loaded {
  readonly llama: Llama;
  readonly model: LlamaModel;
}

/** The names that the engine has for them. */
const kept = { q8_0: "Q8_0", q4_0: "Q4_0" } as const;

/** Loads the weights that the specification names, or throws. `said` is told every line of the engine's own log. */
export async function load(
  { model: { path }, threads, gpus }: RunnerSpec,
  said: (line: string) => void,
  progress: (percent: number) => void,
  signal: AbortSignal,
): Promise<Loaded> {
  const onGpu = gpus.length > 0;
  const llama = await getLlama({
    // Compiling takes an hour, and a server has no compiler: what is not prebuilt is refused.
    build: "never",
    gpu: onGpu ? "auto" : false,
    // Threads beyond the cores really owned spin and can be a thousand times slower.
    maxThreads: threads,
    logLevel: LlamaLogLevel.info,
    logger: (_level, message) => said(message.trimEnd()),
  });
  // `auto` falls back to the cores without a word. The plan says GPU: a model there that crawls on cores is a lie.
  if (onGpu && llama.gpu === false)
    throw new Error(
      "The plan gives this model a GPU, but no GPU engine works here. Install one with `millwright-agent engine cuda`, and check the driver.",
    );
  const model = await llama.loadModel({
    modelPath: path,
    loadSignal: signal,
    // Weights that are no numbers would be answered with, as if they meant something.
    checkTensors: true,
    onLoadProgress: (share) => progress(Math.floor(share * 100)),
    ...(onGpu && { gpuLayers: "max" as const }),
  });
  return { llama, model };
}

/** A context as the specification says, with its adapter over the weights; its sequences answer side by side. */
export function contextOver(
  model: LlamaModel,
  { adapter, context, parallel, threads, cache }: RunnerSpec,
  batches: Batches,
  signal: AbortSignal,
): Promise<LlamaContext> {
  return model.createContext({
    sequences: parallel,
    contextSize: context,
    threads,
    batching: { itemPrioritizationStrategy: batches.strategy },
    // Quantised values can be read by no other kernel, and the plan's memory counts on it.
    flashAttention: true,
    ...(cache !== undefined && {
      experimentalKvCacheKeyType: kept[cache],
      experimentalKvCacheValueType: kept[cache],
    }),
    createSignal: signal,
    // The remedy is a smaller context than the plan promises.
    failedCreationRemedy: false,
    ...(adapter !== undefined && { lora: { adapters: [{ filePath: adapter.path }] } }),
  });
}
