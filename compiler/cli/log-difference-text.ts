import { visible } from "@millwright/schema";
import { fitted, widthOf } from "../diagnostic/diagnostic.ts";
import type { Difference } from "../history/history.ts";

/** Lines for one change: whoever wants all of it asks for JSON. */
const MOST_LINES = 40;
/** Cells of a terminal for one value. */
const WIDTH = 72;

/** One indented line a value: `path: 1 → 2`, `+ path: 2`, `- path: 1`. */
export function linesOfDifferences(changes: readonly Difference[]): readonly string[] {
  const lines = changes.slice(0, MOST_LINES).map((change) => `  ${lineOf(change)}`);
  const more = changes.length - MOST_LINES;
  return more > 0 ? [...lines, `  and ${more} more (--json has them all)`] : lines;
}

function lineOf(change: Difference): string {
  const path = short(change.path, 100);
  if (!("before" in change)) return `+ ${path}: ${valueText(change.after)}`;
  if (!("after" in change)) return `- ${path}: ${valueText(change.before)}`;
  return `${path}: ${valueText(change.before)} → ${valueText(change.after)}`;
}

/** A value in one line, as JSON, cut when it is long. */
export function valueText(value: unknown): string {
  return short(JSON.stringify(value) ?? "", WIDTH);
}

/** At most so many cells, and nothing that a terminal would obey. */
export function short(text: string, cells: number): string {
  const seen = visible(text.slice(0, 8 * cells));
  return widthOf(seen) <= cells ? seen : fitted(seen, cells).trimEnd();
}
