import { type Clock, Failure } from "../life/life.ts";
import type { Limit } from "./limit.ts";
import { type Pace, paceOf } from "./pace.ts";
import type { Part } from "./part.ts";
import { type Patience, patienceOf } from "./patience.ts";
import type { Source } from "./source.ts";

export interface Means {
  readonly clock: Clock;
  readonly limit: Limit;
  readonly progress: (bytes: number) => void;
}

/** Fills a file up to `size` bytes from one source, going on where it is. Throws Failure when the source gives less. */
export async function download(
  part: Part,
  size: number,
  source: Source,
  means: Means,
  signal: AbortSignal,
): Promise<void> {
  if (part.at === size) return;
  const patience = patienceOf(means.clock, signal);
  const wish = { at: part.at, size, etag: part.etagOf(source.name) };
  const open = () => source.open(wish, patience.signal);
  const { bytes, start, etag } = await patience.wait(open, source.beginMs);
  // The file was changed at its source: its parts would not fit together.
  const isOther = start === 0 && part.at > 0 && wish.etag !== undefined && wish.etag !== etag;
  if (isOther) await part.restart();
  part.from(source.name, etag);
  const pace = paceOf(means.clock, source.name);
  await pour(bytes, {
    ...means,
    part,
    size,
    source,
    patience,
    pace,
    skip: part.at - start,
    signal,
  });
  if (part.at < size)
    throw new Failure("store/cut-off", `${source.name} ended after ${part.at} of ${size} bytes.`);
}

interface Pouring extends Means {
  readonly part: Part;
  readonly size: number;
  readonly source: Source;
  readonly patience: Patience;
  readonly pace: Pace;
  /** So many bytes are here already, from a source that cannot begin in the middle: they are let pass. */
  readonly skip: number;
  readonly signal: AbortSignal;
}

async function pour(
  bytes: AsyncIterable<Uint8Array>,
  { part, size, source, patience, pace, limit, progress, skip, signal }: Pouring,
): Promise<void> {
  let skipped = 0;
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await patience.wait(() => iterator.next());
      if (next.done === true) return;
      const known = Math.min(skip - skipped, next.value.length);
      skipped += known;
      const news = next.value.subarray(known);
      // Endless data: the plan says how many bytes there are, and not one more is written.
      if (part.at + news.length > size)
        throw new Failure(
          "store/too-long",
          `More than the ${size} bytes that the plan names were offered.`,
        );
      if (!source.local) pace.paused(await limit.take(next.value.length, signal));
      if (news.length > 0) {
        await part.write(news);
        progress(part.at);
      }
      if (part.at < size) pace.took(next.value.length);
    }
  } finally {
    // Also when the disk is full: the source is let go, or it would hold a connection for ever.
    patience.end();
    await iterator.return?.().catch(() => undefined);
  }
}
