/** How long tasks took, as histograms: what operators alert on, and what a mean hides. */

/** What was asked for, and what answered. */
export interface Timed {
  /** `chat`, `text_completion` or `embeddings`: `gen_ai.operation.name`. */
  readonly operation: string;
  /** A deployment or a route. */
  readonly model: string;
  readonly deployment: string;
}

/** Seconds. Absent: there was no such thing, as no first token of an embedding. */
export interface Times {
  /** From arrival to the answer's last piece. */
  readonly duration: number;
  /** Until it was its turn. */
  readonly queue: number;
  /** From arrival to the first piece. */
  readonly firstToken?: number;
  /** Between one token and the next, in the mean of an answer. */
  readonly perToken?: number;
}

/** From instants in milliseconds. A clock that was set back makes nothing negative. */
export function timesOf({
  at,
  begunAt,
  firstAt,
  now,
  tokens,
}: {
  readonly at: number;
  readonly begunAt: number;
  readonly firstAt: number | undefined;
  readonly now: number;
  readonly tokens: number;
}): Times {
  const seconds = (from: number, to: number) => Math.max(0, to - from) / 1_000;
  return {
    duration: seconds(at, now),
    queue: seconds(at, begunAt),
    ...(firstAt !== undefined && { firstToken: seconds(at, firstAt) }),
    ...(firstAt !== undefined && tokens > 1 && { perToken: seconds(firstAt, now) / (tokens - 1) }),
  };
}

/**
 * Upper bounds of the buckets in seconds, as OpenTelemetry's semantic conventions for generative AI advise them
 * (gen_ai.server.request.duration, .time_to_first_token, .time_per_output_token; v1.37).
 */
export const buckets = {
  duration: [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
  ],
  queue: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  firstToken: [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
  ],
  perToken: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5],
} as const satisfies Record<keyof Times, readonly number[]>;

/** Counts by bucket, the last one for what is beyond all bounds. */
export interface Histogram {
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface Timing extends Timed {
  readonly histograms: Readonly<Record<keyof Times, Histogram>>;
}

const kinds = Object.keys(buckets) as readonly (keyof Times)[];
/** Names come and go with plans: more kinds of task than this are not told apart any more. */
const MOST_KINDS = 1_000;

export class Timings {
  readonly #known = new Map<
    string,
    Timed & { readonly histograms: Record<keyof Times, { counts: number[]; sum: number }> }
  >();

  take({ operation, model, deployment }: Timed, times: Times): void {
    const key = `${operation} ${model} ${deployment}`;
    const known = this.#known.get(key);
    if (known === undefined && this.#known.size >= MOST_KINDS) return;
    const { histograms } = known ?? { histograms: emptyOnes() };
    this.#known.set(key, { operation, model, deployment, histograms });
    for (const kind of kinds) {
      const seconds = times[kind];
      if (seconds === undefined) continue;
      const bounds: readonly number[] = buckets[kind];
      const found = bounds.findIndex((bound) => seconds <= bound);
      const at = found < 0 ? bounds.length : found;
      const histogram = histograms[kind];
      histogram.counts[at] = (histogram.counts[at] ?? 0) + 1;
      histogram.sum += seconds;
    }
  }

  get all(): readonly Timing[] {
    return [...this.#known.values()];
  }
}

function emptyOnes(): Record<keyof Times, { counts: number[]; sum: number }> {
  const empty = (kind: keyof Times) => ({
    counts: Array.from({ length: buckets[kind].length + 1 }, () => 0),
    sum: 0,
  });
  return {
    duration: empty("duration"),
    queue: empty("queue"),
    firstToken: empty("firstToken"),
    perToken: empty("perToken"),
  };
}
