import { visible, visibleLines } from "@millwright/schema";
import { excerpt, type Paint } from "./excerpt.ts";
import { inOrder } from "./order.ts";
import { type Files, linesIn } from "./position.ts";
import { LONGEST_MESSAGE, shortened } from "./shortened.ts";
import type { Diagnostic } from "./stage.ts";

/** As a good compiler says it: code, message, place, the line with squiggles, the cure; a count at the end. */
export function textOf(
  found: readonly Diagnostic[],
  files: Files,
  { color = false }: { readonly color?: boolean } = {},
): string {
  const paint = painter(color);
  const lines = linesIn(files);
  const said = inOrder(found).map(({ code, severity, message, at, cure, also }) =>
    [
      `${paint(severity === "error" ? "red" : "yellow", `${severity}[${code}]`)}: ${visibleLines(short(message)).join("\n    ")}`,
      ...(at === undefined ? [] : excerpt(at, lines(at.file), "", paint)),
      ...(also ?? []).flatMap((other) =>
        excerpt(other.at, lines(other.at.file), visible(short(other.message)), paint),
      ),
      ...(cure === undefined ? [] : [`  ${paint("cyan", "=")} ${visible(short(cure))}`]),
      "",
      "",
    ].join("\n"),
  );
  return said.join("") + countOf(found);
}

function short(text: string): string {
  return shortened(text, LONGEST_MESSAGE);
}

function countOf(found: readonly Diagnostic[]): string {
  const errors = found.filter(({ severity }) => severity === "error").length;
  const warnings = found.length - errors;
  const many = (count: number, word: string) =>
    count === 0 ? [] : [`${count} ${word}${count === 1 ? "" : "s"}`];
  const counted = [...many(errors, "error"), ...many(warnings, "warning")];
  return counted.length === 0 ? "" : `${counted.join(", ")}\n`;
}

const codes = { red: 31, yellow: 33, cyan: 36 } as const;

function painter(color: boolean): Paint {
  return (name, text) => (color ? `\u001b[${codes[name]}m${text}\u001b[0m` : text);
}
