import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";

/** The sequences of a context: each answers one request at a time, all of them side by side. */
export interface Sequences {
  /** Waits for a free sequence, first come, first served. Rejects when `signal` aborts. */
  take(tokens: readonly Token[], signal: AbortSignal): Promise<LlamaContextSequence>;
  give(sequence: LlamaContextSequence): void;
  /** How many wait. */
  waiting(): number;
}

interface Waiting {
  readonly tokens: readonly Token[];
  readonly go: (sequence: LlamaContextSequence) => void;
}

export function sequencesOf(context: LlamaContext, count: number): Sequences {
  const free = Array.from({ length: count }, () => context.getSequence());
  const waiting: Waiting[] = [];

  /** The free sequence that already holds most of this prompt: what they share need not be read again. */
  const pick = (tokens: readonly Token[]): LlamaContextSequence | undefined => {
    const best = free.reduce(
      (found, sequence, index) => {
        const shared = sharedLength(sequence.contextTokens, tokens);
        return shared > found.shared ? { index, shared } : found;
      },
      { index: 0, shared: -1 },
    );
    return free.splice(best.index, 1)[0];
  };

  return {
    waiting: () => waiting.length,
    take(tokens, signal) {
      signal.throwIfAborted();
      const sequence = waiting.length === 0 ? pick(tokens) : undefined;
      if (sequence !== undefined) return Promise.resolve(sequence);
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(signal.reason);
        };
        const entry: Waiting = {
          tokens,
          go(taken) {
            signal.removeEventListener("abort", leave);
            resolve(taken);
          },
        };
        waiting.push(entry);
        signal.addEventListener("abort", leave, { once: true });
      });
    },
    give(sequence) {
      free.push(sequence);
      const next = waiting.shift();
      const taken = next && pick(next.tokens);
      if (taken !== undefined) next?.go(taken);
    },
  };
}

export function sharedLength(a: readonly Token[], b: readonly Token[]): number {
  const length = Math.min(a.length, b.length);
  let index = 0;
  while (index < length && a[index] === b[index]) index += 1;
  return index;
}
