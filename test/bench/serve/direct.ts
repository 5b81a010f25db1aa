import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface DirectQuestion {
  readonly prompts: readonly string[];
  /** Tokens of each answer. */
  readonly most: number;
  /** The prompt is that of the question before: what its sequence holds is used. */
  readonly isSame: boolean;
}

export interface DirectAnswer {
  readonly ms: number;
  readonly tokens: number;
  /** Until the first token of each, in milliseconds. */
  readonly firsts: readonly number[];
}

export interface Direct extends AsyncDisposable {
  ask(question: DirectQuestion): Promise<DirectAnswer>;
}

/** node-llama-cpp in a process of its own, and nothing around it. */
export async function direct(path: string, sequences: number, context: number): Promise<Direct> {
  const child = fork(
    join(import.meta.dirname, "direct-child.ts"),
    [path, String(sequences), String(context)],
    // As runners have it: each sequence samples on a thread of its own.
    { env: { ...process.env, UV_THREADPOOL_SIZE: String(sequences + 2) } },
  );
  const ended = once(child, "exit");
  const hear = async () => {
    const [said] = await Promise.race([
      once(child, "message"),
      ended.then(([code]) => {
        throw new Error(`node-llama-cpp ended with ${code}`);
      }),
    ]);
    return said as unknown;
  };
  await hear();
  return {
    async ask(question) {
      const heard = hear();
      child.send(question);
      return (await heard) as DirectAnswer;
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await ended;
    },
  };
}
