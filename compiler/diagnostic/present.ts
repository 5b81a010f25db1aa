import { type Lines, linesOf, type Position, rangeOf } from "./position.ts";
import type { Span } from "./span.ts";
import type { Diagnostic } from "./stage.ts";
import { widthOf } from "./width.ts";

export type Files = ReadonlyMap<string, Uint8Array>;

interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** The form that other tools rely on (DESIGN, "Command line"). `file` is empty where the whole repository is meant. */
export interface JsonDiagnostic {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly file: string;
  readonly range: Range;
  readonly cure?: string;
  readonly also?: readonly {
    readonly message: string;
    readonly file: string;
    readonly range: Range;
  }[];
}

const nowhere: Range = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };

export function jsonOf(found: readonly Diagnostic[], files: Files): readonly JsonDiagnostic[] {
  const lines = linesIn(files);
  return inOrder(found).map(({ code, severity, message, at, cure, also }) => ({
    code,
    severity,
    message,
    file: at?.file ?? "",
    range: at === undefined ? nowhere : rangeOf(at, lines(at.file)),
    ...(cure !== undefined && { cure }),
    ...(also !== undefined && {
      also: also.map((other) => ({
        message: other.message,
        file: other.at.file,
        range: rangeOf(other.at, lines(other.at.file)),
      })),
    }),
  }));
}

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
      `${paint(severity === "error" ? "red" : "yellow", `${severity}[${code}]`)}: ${message.split("\n").map(visible).join("\n    ")}`,
      ...(at === undefined ? [] : excerpt(at, lines(at.file), "", paint)),
      ...(also ?? []).flatMap((other) =>
        excerpt(other.at, lines(other.at.file), visible(other.message), paint),
      ),
      ...(cure === undefined ? [] : [`  ${paint("cyan", "=")} ${visible(cure)}`]),
      "",
      "",
    ].join("\n"),
  );
  return said.join("") + countOf(found);
}

function countOf(found: readonly Diagnostic[]): string {
  const errors = found.filter(({ severity }) => severity === "error").length;
  const warnings = found.length - errors;
  const many = (count: number, word: string) =>
    count === 0 ? [] : [`${count} ${word}${count === 1 ? "" : "s"}`];
  const counted = [...many(errors, "error"), ...many(warnings, "warning")];
  return counted.length === 0 ? "" : `${counted.join(", ")}\n`;
}

/** By file, then by place; those about the whole repository first. Two runs never differ. */
function inOrder(found: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...found].sort(
    (a, b) =>
      compare(a.at?.file ?? "", b.at?.file ?? "") ||
      (a.at?.start ?? 0) - (b.at?.start ?? 0) ||
      compare(a.code, b.code) ||
      compare(a.message, b.message),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function linesIn(files: Files): (file: string) => Lines {
  const known = new Map<string, Lines>();
  return (file) => {
    const lines = known.get(file) ?? linesOf(files.get(file));
    known.set(file, lines);
    return lines;
  };
}

type Color = "red" | "yellow" | "cyan";
const codes = { red: 31, yellow: 33, cyan: 36 } as const;

function painter(color: boolean): (name: Color, text: string) => string {
  return (name, text) => (color ? `\u001b[${codes[name]}m${text}\u001b[0m` : text);
}

/** The widest piece of a line that is shown. */
const WIDTH = 120;

function excerpt(
  span: Span,
  lines: Lines,
  message: string,
  paint: ReturnType<typeof painter>,
): string[] {
  const { start, end } = rangeOf(span, lines);
  const full = lines.line(start.line);
  // A very long line is cut around the place; tabs become one blank each, so that squiggles stand where they should.
  const cut = start.column > WIDTH ? start.column - WIDTH / 2 : 0;
  const from = /^[\udc00-\udfff]/.test(full.slice(cut, cut + 1)) ? cut + 1 : cut;
  const shown = visible(full.slice(from, from + WIDTH));
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

/** Control characters of a hostile file must not reach the terminal. */
function visible(text: string): string {
  return text.replaceAll("\t", " ").replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "�");
}
