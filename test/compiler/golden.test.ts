/**
 * What authors are told, word for word: each folder of test/golden is a repository, its expected.txt what
 * `millwright check` says of it. `UPDATE_GOLDEN=1 npx vitest run test/compiler/golden.test.ts` writes the texts anew.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "node:process";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { catalog, type Diagnostic, textOf } from "../../compiler/diagnostic/diagnostic.ts";
import { readFolder, type SourceTree } from "../../compiler/source/source.ts";
import { typeErrors, unsaid } from "../../compiler/types/types.ts";

const golden = join(import.meta.dirname, "../golden");
const cases = readdirSync(golden).sort();
const signal = new AbortController().signal;

const known = new Map<string, ReturnType<typeof read>>();

/** Each case is compiled once, whichever test asks first. */
function compiled(name: string): ReturnType<typeof read> {
  const found = known.get(name) ?? read(join(golden, name));
  known.set(name, found);
  return found;
}

async function read(folder: string): Promise<{ tree: SourceTree; found: readonly Diagnostic[] }> {
  const tree = await readFolder(folder, signal);
  const stage = compile(tree);
  const said = stage.ok ? stage.warnings : stage.problems;
  const types = unsaid(await typeErrors(tree, { cache: undefined }, signal), said, tree);
  return { tree, found: [...said, ...types] };
}

describe("what authors are told", () => {
  test.each(cases)("%s", async (name) => {
    const { tree, found } = await compiled(name);
    const said = textOf(found, tree.files, { color: false });
    const expected = join(golden, name, "expected.txt");
    if (env["UPDATE_GOLDEN"] !== undefined) writeFileSync(expected, said);
    expect(existsSync(expected) ? readFileSync(expected, "utf8") : undefined).toBe(said);
    for (const { code, at, cure } of found) {
      expect(Object.keys(catalog)).toContain(code);
      // Whoever is told what is wrong is told where, and what to do. Syntax errors are the parser's own words.
      if (code !== "check/no-fleet") expect(at, code).toBeDefined();
      if (!/^evaluate\/(syntax|yaml)$/.test(code)) expect(cure, code).toBeDefined();
      for (const { file, start, end } of [...(at === undefined ? [] : [at])]) {
        // What was not read is told by its path.
        if (!tree.passedOver?.some(({ path }) => path === file))
          expect(tree.files.has(file), `${code} in ${file}`).toBe(true);
        expect(end, code).toBeGreaterThanOrEqual(start);
      }
    }
  });
});

test("every code of the catalog is shown by a case", async () => {
  const all = await Promise.all(cases.map((name) => compiled(name)));
  const shown = new Set<string>(all.flatMap(({ found }) => found.map(({ code }) => code)));
  // No repository leads there: a route goes to deployments of its factory, and each of these has a place or is refused.
  shown.add("render/route-nowhere");
  // A file of that size has no place here: source.test.ts makes one.
  shown.add("source/too-large");
  // Nor have two names that a Mac takes for one: odd-files.test.ts makes them.
  shown.add("source/case-only");
  expect([...shown].sort()).toEqual(Object.keys(catalog).sort());
});
