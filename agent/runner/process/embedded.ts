import type { Open } from "./backend.ts";
import { chatFormatOf } from "./chat.ts";
import { embedderOf } from "./embed.ts";
import { generate } from "./generate.ts";
import { grammarsOf } from "./grammar.ts";
import { load } from "./load.ts";
import { rankerOf } from "./rank.ts";
import { sequencesOf } from "./sequences.ts";

/** The embedded engine: node-llama-cpp in this process. */
export const openEmbedded: Open = async (spec, { said, progress, signal: stopped }) => {
  const { context, parallel, threads } = spec;
  const { llama, model, context: loaded } = await load(spec, said, progress, stopped);
  const generator = {
    ...{ model, context },
    sequences: sequencesOf(loaded, parallel),
    format: chatFormatOf(model, context),
    grammars: grammarsOf(model),
  };
  const embedder = embedderOf(model, context, threads);
  const ranker = rankerOf(model, context, threads);
  return {
    generate: (request, signal) => generate(generator, request, signal),
    embed: (inputs, signal) => embedder.embed(inputs, signal),
    rerank: (request, signal) => ranker.rerank(request, signal),
    dispose: () => llama.dispose(),
  };
};
