import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments } from "yaml";
import type { Span } from "../diagnostic/diagnostic.ts";
import { limits } from "../source/source.ts";
import type { Run } from "./run.ts";
import { tooLarge } from "./standing.ts";
import { type Field, failed, fieldsOf, scalar, type Value } from "./value.ts";
import { tooDeepAt } from "./yaml-depth.ts";

/** The documents of a YAML file as values. An empty document is left out. Errors are reported; a document with one is left out. */
export function readYaml(run: Run, path: string, bytes: Uint8Array): readonly Value[] {
  const whole: Span = { file: path, start: 0, end: 0 };
  if (bytes.length > limits.file) {
    tooLarge(run, path);
    return [];
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // The decoder says only that it is not UTF-8, and so do we.
    run.refuse("source/not-utf8", "the file is not UTF-8", whole, "save it as UTF-8");
    return [];
  }
  const deep = tooDeepAt(text);
  if (deep !== undefined) {
    const at = { file: path, start: deep, end: deep + 1 };
    run.refuse("evaluate/too-deep", "the file nests deeper than can be read", at, "nest less");
    return [];
  }
  const parsed = parseAllDocuments(text, {
    version: "1.2",
    uniqueKeys: true,
    strict: true,
    // Lines are counted when something is shown.
    prettyErrors: false,
  });
  const documents: readonly Document[] = Array.isArray(parsed) ? parsed : [];
  return documents.flatMap((document) => {
    const problems = [...document.errors, ...document.warnings];
    for (const { message, pos } of problems) {
      run.refuse("evaluate/yaml", firstLine(message), { file: path, start: pos[0], end: pos[1] });
    }
    if (problems.length > 0 || document.contents === null) return [];
    const value = readNode({ run, path, anchors: new Map() }, document.contents, whole);
    return value.kind === "failed" ? [] : [value];
  });
}

function firstLine(message: string): string {
  return (message.split("\n")[0] ?? message).replace(/ at line \d+, column \d+:?$/, "");
}

interface Reading {
  readonly run: Run;
  /** By name, the latest first declared wins until the next; "open" while its own node is being read. */
  readonly anchors: Map<string, Value | "open">;
  readonly path: string;
}

function readNode(reading: Reading, node: unknown, around: Span): Value {
  const { run, path } = reading;
  const at = spanOf(node as Node | null, path) ?? around;
  if (!run.spend(1, at)) return failed;
  if (!run.enter()) return run.tooDeep(at);
  try {
    return readAnchored(reading, node, at);
  } finally {
    run.leave();
  }
}

function readAnchored(reading: Reading, node: unknown, at: Span): Value {
  if (node === null) return scalar(null, at);
  if (isAlias(node)) return aliased(reading, node.source, at);
  const { anchor } = node as { readonly anchor?: string };
  if (anchor !== undefined) reading.anchors.set(anchor, "open");
  const value = readContent(reading, node, at);
  if (anchor !== undefined) reading.anchors.set(anchor, value);
  return value;
}

/** The same value again, not a copy; what a bomb of aliases comes to is measured before it is written out. */
function aliased({ run, anchors }: Reading, source: string, at: Span): Value {
  const value = anchors.get(source);
  if (value === undefined || value === "open") {
    const why = value === undefined ? "stands for nothing" : "stands inside what it stands for";
    return run.refuse("evaluate/yaml", `the alias *${source} ${why}`, at, "write the value out");
  }
  return value;
}

function readContent(reading: Reading, node: unknown, at: Span): Value {
  const { run } = reading;
  if (isScalar(node)) return scalarOf(reading, node.value, at);
  if (isSeq(node)) {
    const items = node.items.map((item) => readNode(reading, item, at));
    return items.some(({ kind }) => kind === "failed") ? failed : { kind: "list", items, at };
  }
  if (isMap(node)) return mapOf(reading, node.items, at);
  return run.refuse("evaluate/yaml", "this is neither a value, nor a list, nor a mapping", at);
}

function scalarOf({ run }: Reading, value: unknown, at: Span): Value {
  if (
    value === null ||
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean"
  )
    return scalar(value, at);
  return run.refuse(
    "evaluate/yaml",
    `a value of type ${typeof value} has no meaning in definitions`,
    at,
    "use a text, a number, true, false or null",
  );
}

function mapOf(
  reading: Reading,
  items: readonly { readonly key: unknown; readonly value: unknown }[],
  at: Span,
): Value {
  const entries: [string, Field][] = [];
  let whole = true;
  for (const { key, value } of items) {
    const keyAt = spanOf(key as Node | null, reading.path) ?? at;
    const name = isScalar(key) ? String(key.value) : undefined;
    if (name === undefined || name === "__proto__") {
      reading.run.refuse(
        "evaluate/yaml",
        "a key must be a plain name",
        keyAt,
        "use a text as the key",
      );
      whole = false;
      continue;
    }
    entries.push([name, { key: keyAt, value: readNode(reading, value, keyAt) }]);
  }
  return whole ? fieldsOf(entries, at) : failed;
}

function spanOf(node: Node | null, file: string): Span | undefined {
  const range = node?.range;
  return range === undefined || range === null
    ? undefined
    : { file, start: range[0], end: range[1] };
}
