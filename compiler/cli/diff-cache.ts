import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readEntry, writeEntry } from "../cache/cache.ts";
import type { Comparison } from "../compare/compare.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { DefinitionsId } from "../source/source.ts";

/** What follows from two trees alone, whatever the time. */
export interface KnownDiff {
  readonly comparison: Comparison;
  readonly found: readonly Diagnostic[];
}

const MOST = 20;

/** Remembers comparisons by the trees compared, and the code that compared them. */
export function diffCache(
  folder: string | undefined,
  base: DefinitionsId,
  head: DefinitionsId,
): { read(): KnownDiff | undefined; write(diff: KnownDiff): Promise<void> } {
  const key = createHash("sha256")
    .update(JSON.stringify([codeMark(), base.tree, head.tree]))
    .digest("hex");
  return {
    read() {
      const text = readEntry(folder, key);
      // Ours, in a folder of the user alone, and whole: its digest stands before it.
      return text === undefined ? undefined : (JSON.parse(text) as KnownDiff);
    },
    write: (diff) => writeEntry(folder, key, JSON.stringify(diff), MOST),
  };
}

/** Changes whenever a file of the compiler does: a version alone would not, while somebody works on it. */
function codeMark(): string {
  const compiler = join(import.meta.dirname, "..");
  const marks = [
    compiler,
    join(compiler, "../schema"),
    join(compiler, "../package-lock.json"),
  ].flatMap((path) => {
    const below = statSync(path, { throwIfNoEntry: false })?.isDirectory()
      ? readdirSync(path, { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
          .map((name) => join(path, name))
      : [path];
    return below.sort().map((file) => {
      const found = statSync(file, { throwIfNoEntry: false });
      return `${file} ${found?.size} ${found?.mtimeMs}`;
    });
  });
  return createHash("sha256").update(marks.join("\n")).digest("hex");
}
