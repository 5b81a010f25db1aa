import { ts } from "ts-morph";
import type { Code, Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";
import { type Outline, outlineOf } from "./outline.ts";
import { byFile } from "./stretches.ts";
import { taintOf } from "./taint.ts";
import { unitAt } from "./unit.ts";

/**
 * The type errors that say nothing which has been said already: leaves out those about a thing that the evaluation or
 * the checks have spoken of, those about what is made of such a thing, and those of files that do not parse.
 */
export function unsaid(
  types: readonly Diagnostic[],
  said: readonly Diagnostic[],
  tree: SourceTree,
): readonly Diagnostic[] {
  const errors = said.filter(({ code, severity }) => severity === "error" && isSeenByTypes(code));
  if (types.length === 0 || errors.length === 0) return types;
  const places = errors.flatMap(({ at }) => (at === undefined ? [] : [at]));
  const sources = parsed([...types.flatMap(({ at }) => at ?? []), ...places], tree);
  const outlines = new Map(
    [...sources].flatMap(([file, { outline }]) => (outline === undefined ? [] : [[file, outline]])),
  );
  const broken = new Set([
    ...errors.filter(isWholeFile).flatMap(({ at }) => at?.file ?? []),
    ...[...sources.keys()].filter((file) => !outlines.has(file)),
  ]);
  const isTainted = taintOf(outlines, places, broken);
  const isSaid = byFile(places);
  const tooDeep = errors.filter(({ code }) => code === "evaluate/too-deep");
  return types.filter(({ code, at }) => {
    // What nests too deep for the evaluation does so for tsc.
    if (at === undefined) return tooDeep.length === 0;
    if (code === "types/too-long") return !tooDeep.some((error) => error.at?.file === at.file);
    if (broken.has(at.file) || isSaid.get(at.file)?.(at)) return false;
    // An import that leads nowhere is one mistake, whatever else its statement imports.
    if (code !== "types/error") return true;
    const source = sources.get(at.file)?.source;
    const unit = source && unitAt(source, at);
    return unit === undefined || !(isSaid.get(at.file)?.(unit) || isTainted(at.file, unit));
  });
}

/** Later stages speak of places and sizes: no type says the same. */
function isSeenByTypes(code: Code): boolean {
  return /^(?:source|evaluate|check)\//.test(code);
}

/** Errors after which nothing that tsc says of the file means much. */
function isWholeFile({ code, at }: Diagnostic): boolean {
  return (
    code === "evaluate/syntax" || code === "source/not-utf8" || (at?.start === 0 && at.end === 0)
  );
}

interface Read {
  readonly source: ts.SourceFile;
  readonly outline: Outline;
}

/** The files that these places stand in, and all that they import; empty for a file that nests too deep to be read. */
function parsed(
  places: readonly Span[],
  { files }: SourceTree,
): ReadonlyMap<string, Partial<Read>> {
  const sources = new Map<string, Partial<Read>>();
  const open = [...new Set(places.map(({ file }) => file))];
  const decoder = new TextDecoder("utf-8");
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const bytes = files.get(file);
    if (bytes === undefined || sources.has(file) || !file.endsWith(".ts")) continue;
    const read = parse(file, decoder.decode(bytes));
    sources.set(file, read);
    for (const origin of read.outline?.origins.values() ?? [])
      open.push(...origin.map((from) => from.file));
  }
  return sources;
}

function parse(file: string, text: string): Partial<Read> {
  try {
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
    return { source, outline: outlineOf(file, source) };
  } catch (error) {
    if (error instanceof RangeError) return {};
    throw error;
  }
}
