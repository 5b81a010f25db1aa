/** The floor: node-llama-cpp called directly, in one process, with the settings of the deployment. Told what to do over IPC. */
import { getLlama, type LlamaContextSequence, LlamaLogLevel } from "node-llama-cpp";
import type { DirectAnswer, DirectQuestion } from "./direct.ts";

const [path = "", sequences = "", contextSize = ""] = process.argv.slice(2);
const llama = await getLlama({
  build: "never",
  gpu: false,
  maxThreads: 1,
  logLevel: LlamaLogLevel.error,
});
const model = await llama.loadModel({ modelPath: path });
const context = await model.createContext({
  sequences: Number(sequences),
  contextSize: Number(contextSize),
  threads: 1,
  flashAttention: true,
});
const all = Array.from({ length: Number(sequences) }, () => context.getSequence());

async function write(sequence: LlamaContextSequence, prompt: string, most: number) {
  const tokens = model.tokenize(prompt, true);
  const begun = performance.now();
  let [first, count] = [0, 0];
  let text = "";
  // What a request before has left is used, as far as it is the same.
  const kept = sequence.nextTokenIndex < tokens.length ? 0 : tokens.length - 1;
  if (sequence.nextTokenIndex > kept)
    await sequence.eraseContextTokenRanges([{ start: kept, end: sequence.nextTokenIndex }]);
  for await (const token of sequence.evaluate(tokens.slice(kept), { temperature: 0 })) {
    text += model.detokenize([token]);
    if (count === 0) first = performance.now() - begun;
    count += 1;
    if (count >= most) break;
  }
  return { first, count, text };
}

process.on("message", async ({ prompts, most, isSame }: DirectQuestion) => {
  const used = all.slice(0, prompts.length);
  if (!isSame) await Promise.all(used.map((sequence) => sequence.clearHistory()));
  const begun = performance.now();
  const written = await Promise.all(
    used.map((sequence, index) => write(sequence, prompts[index] ?? "", most)),
  );
  const answer: DirectAnswer = {
    ms: performance.now() - begun,
    tokens: written.reduce((sum, { count }) => sum + count, 0),
    firsts: written.map(({ first }) => first),
  };
  process.send?.(answer);
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
