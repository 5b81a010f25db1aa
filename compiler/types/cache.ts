import { createHash } from "node:crypto";
import { authorDeclarations, parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { readEntry, writeEntry } from "../cache/cache.ts";
import { type Code, catalog, type Diagnostic } from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";
import type { Tsc } from "./compiler.ts";
import { settings, typescriptFiles } from "./given.ts";
import { MOST_NESTED } from "./nesting.ts";

/** Changes when the same answer of tsc would be told in other words. */
const FORM = 2;
/** Entries; the oldest go when there are more. */
const MOST = 50;

/** SHA-256 over all that the type errors follow from, 64 hex digits. */
export function keyOf(tree: SourceTree, { version }: Tsc): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([FORM, version, settings, MOST_NESTED, authorDeclarations()]));
  for (const [path, bytes] of typescriptFiles(tree))
    hash.update(JSON.stringify([path, bytes.length])).update(bytes);
  return hash.digest("hex");
}

const Place = Type.Object({
  file: Type.String(),
  start: Type.Integer({ minimum: 0 }),
  end: Type.Integer({ minimum: 0 }),
});
const Entry = Type.Array(
  Type.Object(
    {
      code: Type.Unsafe<Code>(Type.Enum(Object.keys(catalog))),
      severity: Type.Literal("error"),
      message: Type.String(),
      at: Place,
      cure: Type.String(),
      also: Type.Optional(Type.Array(Type.Object({ message: Type.String(), at: Place }))),
    },
    { additionalProperties: false },
  ),
);

/** `undefined` when there is no such entry, or when it cannot be read: then it is as if there were none. */
export function readCached(
  folder: string | undefined,
  key: string,
  { files }: SourceTree,
): readonly Diagnostic[] | undefined {
  const text = readEntry(folder, key);
  if (text === undefined) return undefined;
  // Most often there are no errors, and nothing to validate.
  if (text === "[]") return [];
  const entry = readerOf(Entry)(parseJson(text));
  const inTree = (place: { readonly file: string }) => files.has(place.file);
  return entry.ok &&
    entry.value.every(({ at, also = [] }) => inTree(at) && also.every((other) => inTree(other.at)))
    ? entry.value
    : undefined;
}

export async function writeCached(
  folder: string | undefined,
  key: string,
  found: readonly Diagnostic[],
): Promise<void> {
  await writeEntry(folder, key, JSON.stringify(found), MOST);
}
