import type {
  BatchItem,
  CustomBatchingPrioritizationStrategy,
  PrioritizedBatchItem,
} from "node-llama-cpp";

/**
 * Which tokens a context evaluates together. Requests that write go first, with a token each; those that read their
 * prompts share the rest of a batch that takes STEP_MS: for so long a cancel waits, and everybody who writes.
 */
export interface Batches {
  /** For the engine, which asks before every batch. */
  readonly strategy: CustomBatchingPrioritizationStrategy;
  /** A request takes part: from its first token until it is disposed of. */
  join(): Part;
  /**
   * Does what needs the context for itself, such as erasing what a sequence holds. The engine lets nobody in while tokens
   * wait for a batch, and beside two who write there are always some: whoever takes part must stand still for it.
   */
  alone<T>(task: () => Promise<T>): Promise<T>;
  readonly counts: BatchCounts;
}

/** One request that reads or writes. */
export interface Part extends Disposable {
  /** How many tokens of a prompt to evaluate next. */
  step(): number;
  /** Such a step is done. */
  stepped(): void;
  /** Its prompt is read: from now on it writes. */
  written(): void;
  /** `undefined` when one may go on; else to be awaited before the next token is asked for. */
  hold(): Promise<void> | undefined;
}

/** Since the start. */
export interface BatchCounts {
  readonly batches: number;
  /** Of all batches: how many sequences were in them. */
  readonly sequences: number;
  readonly tokens: number;
}

/** A cancel must free its sequence within 250 ms: this, and as much again when a batch is slower than the last. */
const STEP_MS = 100;
const FIRST_STEP = 64;
/** A batch costs something whatever is in it: below this, waiting becomes hardly shorter and reading much slower. */
const LEAST_STEP = 32;
/** Of one among many who read. */
const LEAST_SHARE = 8;
/** Reading so few tokens says nothing of how fast reading is. */
const TELLING = 4;
/**
 * How often the engine is sent round once more when somebody is about to come. Who sampled the last token of a batch
 * asks for the next a few microtasks later, when the next batch has been filled: seven of eight would be in it.
 */
const MOST_ROUNDS = 24;

/** `spentMs`: a watch of what evaluating takes. */
export function batchesOf(spentMs: () => number): Batches {
  const counts = { batches: 0, sequences: 0, tokens: 0 };
  let budget = FIRST_STEP;
  /** Who takes part and does not stand still, and who of them reads. */
  let moving = 0;
  let reading = 0;
  let rounds = 0;
  let last = { at: 0, tokens: 0, isMeasured: true };
  /** Tasks that want the context for themselves, and how those who stand still go on. */
  let tasks = 0;
  let gate: PromiseWithResolvers<void> | undefined;

  return {
    counts,
    strategy({ items, size }) {
      if (items.length < moving && rounds < MOST_ROUNDS) {
        rounds += 1;
        return [];
      }
      rounds = 0;
      const batch = filled(items, size, budget);
      const tokens = batch.reduce((sum, { processAmount }) => sum + processAmount, 0);
      counts.batches += 1;
      counts.sequences += batch.length;
      counts.tokens += tokens;
      last = { at: spentMs(), tokens, isMeasured: tokens - batch.length < TELLING };
      return batch;
    },
    join() {
      let isReading = true;
      let isOver = false;
      moving += 1;
      reading += 1;
      const written = () => {
        if (isReading) reading -= 1;
        isReading = false;
      };
      return {
        // Of few sizes: the engine cuts a batch up where its sequences have different numbers of tokens.
        step: () => Math.max(LEAST_SHARE, 2 ** Math.floor(Math.log2(budget / reading))),
        stepped() {
          if (last.isMeasured) return;
          last.isMeasured = true;
          const fits = (last.tokens * STEP_MS) / Math.max(0.1, spentMs() - last.at);
          // One slow batch on a busy machine says little, and so does one fast one.
          budget = Math.max(LEAST_STEP, (budget + Math.min(fits, budget * 3)) / 2);
        },
        written,
        hold() {
          if (gate === undefined) return undefined;
          moving -= 1;
          return gate.promise.then(() => {
            if (!isOver) moving += 1;
          });
        },
        [Symbol.dispose]() {
          if (isOver) return;
          isOver = true;
          written();
          moving -= 1;
        },
      };
    },
    async alone(task) {
      tasks += 1;
      gate ??= Promise.withResolvers();
      try {
        return await task();
      } finally {
        tasks -= 1;
        if (tasks === 0) {
          gate?.resolve();
          gate = undefined;
        }
      }
    },
  };
}

/** Who writes has one token, or is a prompt's last one: it is in every batch. Short prompts are through before long ones. */
function filled(items: readonly BatchItem[], size: number, budget: number): PrioritizedBatchItem[] {
  const [writing, reading] = [true, false].map((is) =>
    items.filter(({ tokens }) => (tokens.length === 1) === is),
  ) as [BatchItem[], BatchItem[]];
  const batch = writing.map((item) => ({ item, processAmount: 1 }));
  // Beside many who write a step would be over before anybody reads: then reading has half as much as they.
  const least = Math.max(LEAST_STEP, Math.floor(batch.length / 2));
  let left = Math.min(size - batch.length, Math.max(least, Math.floor(budget) - batch.length));
  const byLength = reading.toSorted((a, b) => a.tokens.length - b.tokens.length);
  for (const [index, item] of byLength.entries()) {
    const share = Math.ceil(left / (byLength.length - index));
    const processAmount = Math.min(item.tokens.length, share);
    if (processAmount > 0) batch.push({ item, processAmount });
    left -= processAmount;
  }
  return batch;
}
