import { visible } from "@millwright/schema";
import { type Lines, rangeOf } from "./position.ts";
import type { Span } from "./span.ts";
import { widthOf } from "./width.ts";

/** The widest piece of a line that is shown. */
const WIDTH = 120;

export type Paint = (name: "red" | "yellow" | "cyan", text: string) => string;

/** A place, its line, and squiggles below what is meant; of a range over several lines the first. */
export function excerpt(span: Span, lines: Lines, message: string, paint: Paint): string[] {
  const { start, end } = rangeOf(span, lines);
  const full = lines.line(start.line);
  // A file that is empty, or was not read.
  if (lines.text === "")
    return [` ${paint("cyan", "-->")} ${visible(span.file)}${message && ` ${message}`}`];
  // A very long line is cut around the place; tabs become one blank each, so that squiggles stand where they should.
  const cut = start.column > WIDTH ? start.column - WIDTH / 2 : 0;
  const from = /^[\udc00-\udfff]/.test(full.slice(cut, cut + 1)) ? cut + 1 : cut;
  const piece = full.slice(from, from + WIDTH);
  const shown = visible(piece.replace(/[\ud800-\udbff]$/, ""));
  const last = end.line === start.line ? end.column : full.length + 1;
  // Offsets count UTF-16 units, squiggles the cells of a terminal.
  const before = shown.slice(0, start.column - 1 - from);
  const marked = shown.slice(before.length, Math.max(0, last - 1 - from));
  const length = Math.max(1, widthOf(marked));
  const gutter = " ".repeat(String(start.line).length);
  return [
    `${gutter}${paint("cyan", "-->")} ${visible(span.file)}:${start.line}:${start.column}`,
    `${gutter} ${paint("cyan", "|")}`,
    `${start.line} ${paint("cyan", "|")} ${shown}`,
    `${gutter} ${paint("cyan", "|")} ${" ".repeat(widthOf(before))}${paint("red", "~".repeat(length))}${message && ` ${message}`}`,
  ];
}
