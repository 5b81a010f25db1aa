import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { authorDeclarations, parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { type Code, catalog, type Diagnostic } from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";
import type { Tsc } from "./compiler.ts";
import { settings, typescriptFiles } from "./given.ts";
import { MOST_NESTED } from "./nesting.ts";

/** Changes when the same answer of tsc would be told in other words. */
const FORM = 1;
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
  if (folder === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(join(folder, `${key}.json`), "utf8");
  } catch {
    return undefined;
  }
  // Most often there are no errors, and nothing to validate.
  if (text === "[]") return [];
  const entry = readerOf(Entry)(parseJson(text));
  const inTree = (place: { readonly file: string }) => files.has(place.file);
  return entry.ok &&
    entry.value.every(({ at, also = [] }) => inTree(at) && also.every((other) => inTree(other.at)))
    ? entry.value
    : undefined;
}

/** Whole or not at all, whoever writes at the same time. A folder that cannot be written to costs time, no more. */
export async function writeCached(
  folder: string | undefined,
  key: string,
  found: readonly Diagnostic[],
): Promise<void> {
  if (folder === undefined) return;
  const temporary = join(folder, `.${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(temporary, JSON.stringify(found), { mode: 0o600, flag: "wx" });
    await rename(temporary, join(folder, `${key}.json`));
    await dropOldest(folder);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function dropOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
  if (names.length <= MOST) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, age: (await stat(join(folder, name))).mtimeMs })),
  );
  aged.sort((a, b) => a.age - b.age);
  for (const { name } of aged.slice(0, names.length - MOST))
    await rm(join(folder, name), { force: true });
}
