import type { Span } from "../diagnostic/diagnostic.ts";

/** From one offset of a file to another. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Many stretches of one file, ordered once and asked often: whether any of them shares a place with another. */
export function stretchesOf(all: readonly Stretch[]): (asked: Stretch) => boolean {
  const sorted = all.map(visible).sort((a, b) => a.start - b.start);
  // The furthest end among all that begin no later.
  const ends: number[] = [];
  for (const { end } of sorted) ends.push(Math.max(end, ends.at(-1) ?? 0));
  return (asked) => {
    const { start, end } = visible(asked);
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle]?.start ?? 0) < end) low = middle + 1;
      else high = middle;
    }
    return (ends[low - 1] ?? 0) > start;
  };
}

/** One of no length stands at a place all the same. */
function visible({ start, end }: Stretch): Stretch {
  return { start, end: Math.max(end, start + 1) };
}

/** The same for spans of many files. */
export function byFile(spans: readonly Span[]): ReadonlyMap<string, (asked: Stretch) => boolean> {
  const files = Map.groupBy(spans, ({ file }) => file);
  return new Map([...files].map(([file, here]) => [file, stretchesOf(here)]));
}
