import type { Span } from "./span.ts";

/** The texts that spans point into, by path. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** A place for people and editors: both from 1, columns in UTF-16 units, as the Language Server Protocol counts. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** From a place up to, not including, another. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** Where a diagnostic about the whole repository is shown. */
export const nowhere: Range = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };

/** A file's text with its lines found. Made once a file that is shown. */
export interface Lines {
  readonly text: string;
  positionOf(offset: number): Position;
  /** The text of a line, without its end. */
  line(number: number): string;
}

export function linesOf(bytes: Uint8Array | undefined): Lines {
  const text = decodeText(bytes ?? new Uint8Array());
  const starts = startsOf(text);
  const startOf = (line: number) => starts[line - 1] ?? text.length;
  /** Where the text of a line ends and its line feed, perhaps with a carriage return, begins. */
  const endOf = (line: number) => {
    const next = starts[line];
    if (next === undefined) return text.length;
    return next - 2 >= startOf(line) && text[next - 2] === "\r" ? next - 2 : next - 1;
  };
  return {
    text,
    positionOf(offset) {
      const at = Math.max(0, Math.min(offset, text.length));
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if ((starts[middle] ?? 0) <= at) low = middle;
        else high = middle - 1;
      }
      // Between carriage return and line feed there is no column of its own.
      return { line: low + 1, column: Math.min(at, endOf(low + 1)) - startOf(low + 1) + 1 };
    },
    line: (number) => text.slice(startOf(number), endOf(number)),
  };
}

/** The lines of each file, found when first asked for and then kept. */
export function linesIn(files: Files): (file: string) => Lines {
  const known = new Map<string, Lines>();
  return (file) => {
    const lines = known.get(file) ?? linesOf(files.get(file));
    known.set(file, lines);
    return lines;
  };
}

/** The text that spans count in: UTF-8, a byte order mark taken off. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder("utf-8").decode(bytes);
}

export function rangeOf({ start, end }: Span, lines: Lines): Range {
  return { start: lines.positionOf(start), end: lines.positionOf(Math.max(start, end)) };
}

/** Counted first: a file of nothing but line feeds must not cost a hundred times its size. */
function startsOf(text: string): Uint32Array {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count += 1;
  const starts = new Uint32Array(count);
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    starts[line] = at + 1;
    line += 1;
  }
  return starts;
}
