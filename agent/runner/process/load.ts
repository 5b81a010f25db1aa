import {
  getLlama,
  type Llama,
  type LlamaContext,
  LlamaLogLevel,
  type LlamaModel,
} from "node-llama-cpp";
import type { RunnerSpec } from "../spec.ts";

/** A model in memory, with one context whose sequences answer side by side. */
export interface Loaded {
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly context: LlamaContext;
}

/** Loads what the specification says. `said` is told every line of the engine's own log. */
export async function load(spec: RunnerSpec, said: (line: string) => void): Promise<Loaded> {
  const llama = await getLlama({
    // Compiling takes an hour, and a server has no compiler: what is not prebuilt is refused.
    build: "never",
    gpu: spec.gpus.length > 0 ? "auto" : false,
    // Threads beyond the cores really owned spin and can be a thousand times slower.
    maxThreads: spec.threads,
    logLevel: LlamaLogLevel.info,
    logger: (_level, message) => said(message.trimEnd()),
  });
  const model = await llama.loadModel({
    modelPath: spec.model.path,
    ...(spec.gpus.length > 0 && { gpuLayers: "max" as const }),
  });
  const context = await model.createContext({
    sequences: spec.parallel,
    contextSize: spec.context,
    threads: spec.threads,
    flashAttention: true,
    ...(spec.adapter !== undefined && { lora: { adapters: [{ filePath: spec.adapter.path }] } }),
  });
  return { llama, model, context };
}
