import type { RunnerSpec } from "../spec.ts";
import type { Context, Open } from "./backend.ts";
import { chatFormatOf } from "./chat.ts";
import { embedderOf } from "./embed.ts";
import { generate } from "./generate.ts";
import { grammarsOf } from "./grammar.ts";
import { contextOver, load } from "./load.ts";
import { rankerOf } from "./rank.ts";
import { sequencesOf } from "./sequences.ts";

/** The embedded engine: node-llama-cpp in this process. */
export const openEmbedded: Open = async (spec, { said, progress, signal: stopped }) => {
  const { context, threads } = spec;
  const { llama, model } = await load(spec, said, progress, stopped);
  const format = chatFormatOf(model, context);
  const grammars = grammarsOf(model);
  const embedder = embedderOf(model, context, threads);
  const ranker = rankerOf(model, context, threads);
  const open = async (wanted: RunnerSpec): Promise<Context> => {
    const made = await contextOver(model, wanted, stopped);
    const sequences = sequencesOf(made, wanted.parallel);
    const generator = { model, context: wanted.context, sequences, format, grammars };
    return {
      generate: (request, signal) => generate(generator, request, signal),
      embed: (inputs, signal) => embedder.embed(inputs, signal),
      rerank: (request, signal) => ranker.rerank(request, signal),
      close: () => made.dispose(),
    };
  };
  const first = await open(spec);
  return { ...first, beside: open, dispose: () => llama.dispose() };
};
