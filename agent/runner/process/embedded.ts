import { availableParallelism } from "node:os";
import { systemClock } from "../../life/life.ts";
import type { RunnerSpec } from "../spec.ts";
import type { Context, Open } from "./backend.ts";
import { batchesOf } from "./batches.ts";
import { chatFormatOf, templateOf } from "./chat.ts";
import { embedderOf } from "./embed.ts";
import { generate } from "./generate.ts";
import { grammarsOf } from "./grammar.ts";
import { Kept } from "./kept.ts";
import { contextOver, load } from "./load.ts";
import { coresOfQuota } from "./quota.ts";
import { rankerOf } from "./rank.ts";
import { sequencesOf } from "./sequences.ts";
import { emptyTally, statsOf } from "./stats.ts";
import { type CallGrammar, toolFormatOf } from "./tools/tools.ts";

const CALL_GRAMMARS = 32;

/** An engine that does not give back its memory in this time is left to the system. */
const DISPOSE_MS = 2_000;

/** The embedded engine: node-llama-cpp in this process. */
export const openEmbedded: Open = async (spec, { said, progress, signal: stopped }) => {
  const { context, gpus } = spec;
  // The plan counts the cores of the host; what this process may use of them is known only here.
  const threads = Math.min(
    spec.threads,
    availableParallelism(),
    coresOfQuota() ?? Number.POSITIVE_INFINITY,
  );
  const isOnGpu = gpus.length > 0;
  const { llama, model } = await load({ ...spec, threads }, said, progress, stopped);
  const format = chatFormatOf(model, context);
  const means = {
    calls: toolFormatOf(templateOf(model)),
    grammars: grammarsOf(model),
    callGrammars: new Kept<CallGrammar>(CALL_GRAMMARS),
  };
  const embedder = embedderOf(model, context, threads);
  const ranker = rankerOf(model, context, threads);
  const open = async (wanted: RunnerSpec): Promise<Context> => {
    const batches = batchesOf(isOnGpu ? systemClock.now : () => processorMs(threads));
    const made = await contextOver(model, { ...wanted, threads }, batches, stopped);
    const sequences = sequencesOf(made, wanted.parallel);
    const tally = emptyTally();
    const settings = { model, context: wanted.context, format, ...means };
    const generator = { ...settings, sequences, batches, tally };
    // The weights belong to whoever came first.
    const memory = [made, ...(wanted === spec ? [model] : [])];
    return {
      generate: (request, signal) => generate(generator, request, signal),
      embed: (inputs, signal) => embedder.embed(inputs, signal),
      rerank: (request, signal) => ranker.rerank(request, signal),
      stats: async () => statsOf({ memory, sequences, batches, tally }),
      close: () => made.dispose(),
    };
  };
  const first = await open(spec);
  return {
    ...first,
    beside: open,
    dispose: () =>
      Promise.race([llama.dispose(), systemClock.sleep(DISPOSE_MS, new AbortController().signal)]),
  };
};

/**
 * What this process has used of its cores. Not the time that goes by: on a busy machine most of that is waiting for a
 * core, which smaller batches make worse.
 */
function processorMs(threads: number): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000 / threads;
}
