import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";
import { cureOf } from "./cure.ts";
import { type Given, ROOT } from "./given.ts";
import { importError } from "./imports.ts";
import type { TscDiagnostic } from "./tsc-diagnostic.ts";

/** What tsc says, as everything else is said here. Its errors in files that are not the author's are left out. */
export function report(
  found: readonly TscDiagnostic[],
  given: Given,
  tree: SourceTree,
): readonly Diagnostic[] {
  const said = new Map<string, Diagnostic>();
  // Of several at one place, the first is the mistake, and what follows follows from it.
  for (const one of found)
    for (const diagnostic of inOurWords(one, given, tree)) {
      const place = JSON.stringify(diagnostic.at);
      if (!said.has(place)) said.set(place, diagnostic);
    }
  return [...said.values()].sort(
    (a, b) =>
      compare(a.at?.file ?? "", b.at?.file ?? "") ||
      (a.at?.start ?? 0) - (b.at?.start ?? 0) ||
      compare(a.message, b.message),
  );
}

/** That names differ in case alone, which `source/case-only` says. */
const caseOnly: ReadonlySet<number> = new Set([1149, 1261]);

function inOurWords(one: TscDiagnostic, given: Given, tree: SourceTree): readonly Diagnostic[] {
  const at = spanOf(one, given);
  if (one.severity !== "error" || at === undefined || caseOnly.has(one.number)) return [];
  const text = given.texts.get(one.file ?? "") ?? "";
  const also = one.related.flatMap((other) => {
    const place = spanOf(other, given);
    return place === undefined || isSame(place, at)
      ? []
      : [{ message: clean(other.text), at: place }];
  });
  const hint = one.related.find((other) => isSame(spanOf(other, given), at));
  return (
    importError(one.number, at, text, tree) ?? [
      {
        code: "types/error",
        severity: "error",
        message: messageOf(one),
        at,
        cure: hint === undefined ? cureOf(one.number, allOf(one)) : lowerFirst(clean(hint.text)),
        ...(also.length > 0 && { also }),
      },
    ]
  );
}

function spanOf({ file, start, end }: TscDiagnostic, given: Given): Span | undefined {
  const path = file === undefined ? undefined : given.pathOf(file);
  return path === undefined ? undefined : { file: path, start, end: Math.max(start, end) };
}

/** What is wrong, with its number; and in a second line the innermost reason, where there is a chain of them. */
function messageOf(one: TscDiagnostic): string {
  const reason = innermost(one);
  const head = `${clean(one.text)} (TS${one.number})`;
  return reason === one ? head : `${head}\n${clean(reason.text)}`;
}

function innermost(one: TscDiagnostic): TscDiagnostic {
  let reason = one;
  for (let next = one.because.at(-1); next !== undefined; next = next.because.at(-1)) reason = next;
  return reason;
}

function allOf(one: TscDiagnostic): string {
  return [one.text, ...one.because.map(allOf)].join("\n");
}

/** Without where we put the repository for tsc, and without advice on settings that authors do not have. */
function clean(text: string): string {
  return text
    .replaceAll(`"${ROOT}`, '"')
    .replaceAll(`'${ROOT}`, "'")
    .replace(/ (?:Do you need to|Try changing the) .*$/s, "");
}

function isSame(a: Span | undefined, b: Span): boolean {
  return a?.file === b.file && a.start === b.start && a.end === b.end;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
