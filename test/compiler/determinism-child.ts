/**
 * Compiles the folders named in the arguments, `determinism-child.ts ORDERS FIRST-SEED FOLDER…`, each with its files in
 * so many shuffled orders. Prints a digest of each result, and where and in what language it ran.
 */
import { createHash } from "node:crypto";
import { argv, cwd, stdout } from "node:process";
import { compile } from "../../compiler/compile.ts";
import { textOf } from "../../compiler/diagnostic/diagnostic.ts";
import { readFolder, type SourceTree } from "../../compiler/source/source.ts";

const [, , orders = "", first = "", ...folders] = argv;
const signal = new AbortController().signal;
const results: string[] = [];
for (const folder of folders) {
  const tree = await readFolder(folder, signal);
  for (let order = 0; order < Number(orders); order += 1)
    results.push(resultOf({ ...tree, files: shuffled(tree.files, Number(first) + order) }));
}
const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
stdout.write(JSON.stringify({ results, locale, timeZone, cwd: cwd() }));

/** Every byte that a compilation says: all plans and their tree, or all that is wrong. */
function resultOf(tree: SourceTree): string {
  const compiled = compile(tree);
  const hash = createHash("sha256");
  if (compiled.ok) {
    for (const [host, { bytes, digest }] of compiled.value.plans)
      hash.update(`${host} ${digest}\n`).update(bytes);
    hash.update(JSON.stringify(compiled.value.tree));
  }
  const found = compiled.ok ? compiled.warnings : compiled.problems;
  const said = textOf(found, tree.files);
  return `${compiled.ok ? "ok" : "refused"} ${found.length} ${hash.update(said).digest("hex")}`;
}

/** Ordered by a generator of 32 bits (xorshift) in place of chance. */
function shuffled<K, V>(map: ReadonlyMap<K, V>, seed: number): ReadonlyMap<K, V> {
  let state = Math.imul(seed, 0x9e3779b1) || 1;
  const dealt = [...map].map((entry) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return { entry, rank: state };
  });
  return new Map(dealt.sort((a, b) => a.rank - b.rank).map(({ entry }) => entry));
}
