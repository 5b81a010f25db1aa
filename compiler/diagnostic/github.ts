import { visible, visibleLines } from "@millwright/schema";
import { inOrder } from "./order.ts";
import { type Files, linesIn, type Range, rangeOf } from "./position.ts";
import { LONGEST_MESSAGE, shortened } from "./shortened.ts";
import type { Diagnostic } from "./stage.ts";

/**
 * Workflow commands that GitHub shows beside the lines of a pull request, one a diagnostic.
 * `folder` is where the definitions lie inside the git repository: "" or a path that ends with `/`.
 */
export function githubOf(found: readonly Diagnostic[], files: Files, folder = ""): string {
  const lines = linesIn(files);
  return inOrder(found)
    .map(({ code, severity, message, at, cure, also }) => {
      const place =
        at === undefined ? [] : propertiesOf(`${folder}${at.file}`, rangeOf(at, lines(at.file)));
      const others = (also ?? []).map((other) => {
        const { start } = rangeOf(other.at, lines(other.at.file));
        return `${folder}${other.at.file}:${start.line}:${start.column}: ${other.message}`;
      });
      return annotation(
        severity,
        [...place, ["title", code]],
        [message, ...others, ...(cure === undefined ? [] : [cure])],
      );
    })
    .join("");
}

/** What went wrong with the world, in the same form: nothing else may be printed where commands are read. */
export function githubFailure(code: string, message: string): string {
  return annotation("error", [["title", code]], [message]);
}

type Property = readonly [name: string, value: string | number];

/** GitHub takes columns only where the range stays in its line. */
function propertiesOf(file: string, { start, end }: Range): readonly Property[] {
  const columns: readonly Property[] =
    start.line === end.line
      ? [
          ["col", start.column],
          ["endColumn", end.column],
        ]
      : [];
  return [["file", file], ["line", start.line], ["endLine", end.line], ...columns];
}

/** One line whatever the texts hold: a line feed of theirs would begin another command. */
function annotation(
  severity: Diagnostic["severity"],
  properties: readonly Property[],
  said: readonly string[],
): string {
  const set = properties.map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  const message = said.flatMap((text) => visibleLines(shortened(text, LONGEST_MESSAGE))).join("\n");
  return `::${severity} ${set.join(",")}::${escapeData(message)}\n`;
}

/** As GitHub's own toolkit escapes what stands behind the second `::`. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** A colon would end the properties, a comma the property. */
function escapeProperty(text: string): string {
  return escapeData(visible(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
