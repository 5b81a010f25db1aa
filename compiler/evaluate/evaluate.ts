/**
 * Text into values, without executing anything.
 *
 * In: the files of a source tree. Out: every definition in them as a value whose parts know where they were written;
 * or everything that is wrong. Promise: what is accepted is what Node would give for the same file; nothing is
 * resolved outside the tree; any input ends in a value or a diagnostic.
 */
import { kinds as kindNames } from "@millwright/schema";
import {
  type Diagnostic,
  passed,
  refused,
  type Span,
  type Stage,
  stageOf,
} from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";
import { authorFunctions } from "./author-calls.ts";
import { excessOf, refuseExcess } from "./extent.ts";
import { forget, type Memory, Recall } from "./memory.ts";
import { type Exports, type Modules, readModule } from "./module.ts";
import { parse } from "./parse.ts";
import { newRun, type Run } from "./run.ts";
import { checkFiles } from "./standing.ts";
import type { Trace } from "./trace.ts";
import { type Fields, plainOf, type Scalar, type Value } from "./value.ts";
import { readYaml } from "./yaml.ts";

export { language } from "./language.ts";
export { type Memory, newMemory } from "./memory.ts";
export { newTrace, type Trace } from "./trace.ts";
export type { Field, Fields, List, Scalar, Value, Via } from "./value.ts";
export { tooDeepAt } from "./yaml-depth.ts";

/** All definitions of a tree, by file and place: an object with `kind`, whose fields are still unchecked. */
export interface Evaluated {
  readonly definitions: readonly Fields[];
  /** Nothing is missing: every file and every definition came to a value. Where not, what is absent proves nothing. */
  readonly whole: boolean;
}

const kinds: ReadonlySet<string> = new Set(kindNames);

export function evaluate(tree: SourceTree): Stage<Evaluated> {
  const { found, ...value } = evaluated(tree);
  return stageOf(value, found);
}

/**
 * What could be read, and what could not: so that a slip in one file hides nothing that is wrong in the others.
 * With a memory, files that have not changed give the same definitions again, identical.
 */
export function evaluated(
  tree: SourceTree,
  memory?: Memory,
  trace?: Trace,
): Evaluated & { readonly found: readonly Diagnostic[] } {
  const run = memory?.run ?? newRun(tree.files.size, trace);
  run.begin(tree.files.size);
  const recall = new Recall(run, memory);
  const modules = modulesOf(run, tree, recall);
  const definitions = new Set<Fields>();
  const warnings: Diagnostic[] = [...checkFiles(run, tree)];
  if (memory !== undefined) forget(memory, tree.files);
  for (const [path, bytes] of [...tree.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (path.endsWith(".ts")) {
      const exports = modules.exportsOf(path);
      if (typeof exports !== "string")
        for (const value of exports.values())
          for (const found of definitionsIn(value)) definitions.add(found);
    } else if (!path.endsWith(".lock.yaml")) {
      const before = run.refusals;
      const none = () => undefined;
      const documents = recall.read(path, bytes, none, () => readYaml(run, path, bytes)) ?? [];
      const isClean = run.refusals === before;
      for (const document of documents) {
        const kind = kindOf(document);
        if (kind !== undefined && document.kind === "fields") {
          if (kinds.has(String(kind.value))) definitions.add(document);
          else unknownKind(run, kind);
        } else if (isClean && (document.kind === "fields" || document.kind === "list"))
          warnings.push(withoutKind(document.at));
      }
    }
  }
  // Whoever writes a definition out may rely on its size.
  const bounded = [...definitions].filter((definition) => {
    if (memory?.bounded.has(definition)) return true;
    if (!boundedBy(run, definition, definition.at)) return false;
    memory?.bounded.add(definition);
    return true;
  });
  return {
    definitions: bounded,
    whole: run.found.length === 0,
    found: [...run.found, ...warnings],
  };
}

/** What one file exports, functions left out, as plain values. */
export function evaluateFile(
  tree: SourceTree,
  path: string,
): Stage<Readonly<Record<string, unknown>>> {
  const run = newRun(tree.files.size);
  const whole = { file: path, start: 0, end: 0 };
  const bytes = tree.files.get(path);
  if (bytes === undefined && tree.passedOver?.some((over) => over.path === path)) {
    const over = checkFiles(run, tree).filter(({ at }) => at?.file === path);
    return refused([...run.found.filter(({ at }) => at?.file === path), ...over]);
  }
  if (bytes === undefined) {
    return refused([
      {
        code: "evaluate/no-such-file",
        severity: "error",
        message: `there is no definition file ${path}`,
        at: undefined,
        cure: "name a .ts or .yaml file below factories/",
      },
    ]);
  }
  if (!path.endsWith(".ts")) {
    const documents = readYaml(run, path, bytes);
    for (const document of documents) boundedBy(run, document, whole);
    if (run.found.length > 0) return refused(run.found);
    return passed({ documents: documents.map(plainOf) });
  }
  const exports = modulesOf(run, tree, new Recall(run, undefined)).exportsOf(path);
  if (typeof exports !== "string")
    for (const value of exports.values()) boundedBy(run, value, "at" in value ? value.at : whole);
  if (run.found.length > 0) return refused(run.found);
  if (typeof exports === "string")
    throw new Error(`impossible: ${whole.file} has no exports and no errors`);
  return passed(
    Object.fromEntries(
      [...exports]
        .filter(([, { kind }]) => kind !== "callable")
        .map(([name, value]) => [name, plainOf(value)]),
    ),
  );
}

/** Whether a value can be written out; where not, that is reported. */
function boundedBy(run: Run, value: Value, at: Span): boolean {
  const excess = excessOf(value);
  if (excess !== undefined) refuseExcess(run, excess, at);
  return excess === undefined;
}

/** Reads each file once, when it is first wanted. */
function modulesOf(run: Run, { files }: SourceTree, recall: Recall): Modules {
  const read = new Map<string, Exports | "circle" | "unreadable">();
  const modules: Modules = {
    authors: authorFunctions(run),
    paths: () => files.keys(),
    exportsOf(path) {
      const known = read.get(path);
      if (known !== undefined) return known;
      const bytes = files.get(path);
      if (bytes === undefined) return "missing";
      read.set(path, "circle");
      const exports = recall.read(path, bytes, modules.exportsOf, (imports) =>
        readFile(run, path, bytes, {
          ...modules,
          exportsOf: (from) => {
            const found = modules.exportsOf(from);
            imports.set(from, found);
            return found;
          },
        }),
      );
      read.set(path, exports ?? "unreadable");
      return exports ?? "unreadable";
    },
  };
  return modules;
}

/** `undefined` when the file could not be read, which has been reported. */
function readFile(
  run: Run,
  path: string,
  bytes: Uint8Array,
  modules: Modules,
): Exports | undefined {
  const file = parse(run, path, bytes);
  try {
    return file && readModule(run, file, modules);
  } catch (error) {
    // The budget keeps well inside JavaScript's own stack; should a machine have a smaller one, that is said, too.
    if (!(error instanceof RangeError)) throw error;
    run.refuse(
      "evaluate/too-deep",
      "the file nests deeper than this machine can read",
      { file: path, start: 0, end: 0 },
      "define the inner parts as consts of their own",
    );
    return undefined;
  }
}

/** A definition, alone or in a list. */
function definitionsIn(value: Value): readonly Fields[] {
  if (value.kind === "list")
    return value.items.flatMap((item) => (item.kind === "fields" && item.definition ? [item] : []));
  return value.kind === "fields" && value.definition ? [value] : [];
}

/** What a document says that it is. */
function kindOf(document: Value): Scalar | undefined {
  const kind = document.kind === "fields" ? document.fields.get("kind")?.value : undefined;
  return kind?.kind === "scalar" ? kind : undefined;
}

/** A misspelt kind must not pass as a note: it would take a host out of the fleet. */
function unknownKind(run: Run, { value, at }: Scalar): void {
  run.refuse(
    "evaluate/no-kind",
    `there is no kind of definition ${value}`,
    at,
    `write one of ${[...kinds].join(", ")}`,
  );
}

function withoutKind(at: Span): Diagnostic {
  return {
    code: "evaluate/no-kind",
    severity: "warning",
    message: "this document is no definition: it has no field kind that names one",
    at: { ...at, end: at.start },
    cure: `begin it with kind: and one of ${[...kinds].join(", ")}`,
  };
}
