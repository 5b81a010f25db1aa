import type { Span } from "./span.ts";

/** A place for people and editors: both from 1, columns in UTF-16 units, as the Language Server Protocol counts. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A file's text with its lines found. Made once a file that is shown. */
export interface Lines {
  readonly text: string;
  positionOf(offset: number): Position;
  /** The text of a line, without its end. */
  line(number: number): string;
}

export function linesOf(bytes: Uint8Array | undefined): Lines {
  const text = decodeText(bytes ?? new Uint8Array());
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
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
      return { line: low + 1, column: at - (starts[low] ?? 0) + 1 };
    },
    line(number) {
      const start = starts[number - 1] ?? text.length;
      return text.slice(start, (starts[number] ?? text.length + 1) - 1).replace(/\r$/, "");
    },
  };
}

/** The text that spans count in: UTF-8, a byte order mark taken off. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder("utf-8").decode(bytes);
}

export function rangeOf(
  { start, end }: Span,
  lines: Lines,
): { readonly start: Position; readonly end: Position } {
  return { start: lines.positionOf(start), end: lines.positionOf(Math.max(start, end)) };
}
