import { readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf, hexOf, planTreeOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { textOf } from "../../compiler/diagnostic/diagnostic.ts";
import { LOCK_PATH } from "../../compiler/lock/lock.ts";
import { readFolder, type SourceTree } from "../../compiler/source/source.ts";
import { valueIn } from "./definitions-kit.ts";

const signal = new AbortController().signal;
const example = await readFolder(process.cwd(), signal);

/** The example with some files written otherwise; `undefined` takes one away. */
function changed(files: Readonly<Record<string, string | undefined>>): SourceTree {
  const all = new Map(example.files);
  for (const [path, text] of Object.entries(files)) {
    if (text === undefined) all.delete(path);
    else all.set(path, Buffer.from(text));
  }
  return { ...example, files: all };
}

function edited(path: string, from: string, to: string): SourceTree {
  const text = readFileSync(join(process.cwd(), path), "utf8");
  expect(text).toContain(from);
  return changed({ [path]: text.replace(from, to) });
}

function problemsIn(tree: SourceTree): string {
  const compiled = compile(tree);
  if (compiled.ok) throw new Error("it compiled");
  return textOf(compiled.problems, tree.files);
}

test("the example compiles into a plan for each of its hosts", () => {
  const { plans, tree, lock } = valueIn(compile(example));
  expect([...plans.keys()]).toEqual(["fra-1", "fra-2", "zrh-1"]);
  const deployments = [...plans.values()].map(({ plan }) => Object.keys(plan.deployments));
  expect(deployments).toEqual([["triage"], ["triage"], ["sql"]]);
  const digests = new Map([...plans].map(([host, { digest }]) => [host, digest]));
  expect(tree.root).toBe(planTreeOf(digests).root);
  expect(lock).toBe(hexOf(digestOf(example.files.get(LOCK_PATH) ?? "")));
});

test("the same tree gives the same bytes, in whatever order its files are read", () => {
  const backwards = { ...example, files: new Map([...example.files].reverse()) };
  const root = (tree: SourceTree) => valueIn(compile(tree)).tree.root;
  expect(root(backwards)).toBe(root(example));
});

test("a change to one factory leaves the plans of the others as they were", () => {
  const before = valueIn(compile(example)).plans;
  const after = valueIn(
    compile(edited("factories/reporting.yaml", "context: 512", "context: 1024")),
  ).plans;
  const moved = [...after].filter(([host, { digest }]) => before.get(host)?.digest !== digest);
  expect(moved.map(([host]) => host)).toEqual(["zrh-1"]);
});

test("without a lock, each source is reported where its definition names it", () => {
  const said = problemsIn(changed({ [LOCK_PATH]: undefined }));
  expect(said).toContain("error[lock/missing]");
  expect(said).toMatch(/--> factories\/reporting\.yaml:4:\d+/);
  expect(said).toContain("~~~~~");
});

test("what breaks in each stage ends there, with a place in the author's text", () => {
  expect(problemsIn(edited("factories/support.ts", "replicas: 2", "replicas: while"))).toContain(
    "error[evaluate/syntax]",
  );
  expect(
    problemsIn(edited("factories/reporting.yaml", "model: sql-writer", "model: sql-righter")),
  ).toContain("error[check/unknown-name]");
  expect(problemsIn(changed({ [LOCK_PATH]: "schema: lock/9\n" }))).toContain("error[lock/stale]");
  expect(problemsIn(edited("factories/fleet.ts", "2s", "2ms"))).toContain(
    "error[check/invalid-value]",
  );
});

test("data that may not cross a border stops a deployment on the wrong side of it", () => {
  const tree = edited("factories/support.ts", 'spread: "host"', 'where: { site: "zrh" }');
  const said = problemsIn(tree);
  expect(said).toContain(
    "error[place/residency]: support-mail may be only in de, fr, nl; hosts that match triage stand in ch",
  );
  expect(said).toMatch(/--> factories\/support\.ts:\d+:\d+/);
  expect(said).toMatch(/--> factories\/data\.ts:\d+:\d+/);
});

test("a budget that no host can meet is shown as a table, line by line", () => {
  const said = problemsIn(edited("factories/hosts/frankfurt.ts", "2GiB", "100MiB"))
    .split("\n")
    .slice(0, 8)
    .join("\n");
  expect(said).toContain("error[fit/does-not-fit]: triage needs");
  expect(said).toMatch(/\n {4} *[\d.]+ MiB {2}weights\n/);
  expect(said).not.toContain("�");
});

test("an empty tree, and a tree of rubbish, end in problems", () => {
  expect(problemsIn({ repository: "x", files: new Map() })).toContain("check/no-fleet");
  const rubbish = new Map([["factories/x.ts", Buffer.from([0xff, 0x00, 0x7b])]]);
  expect(problemsIn({ repository: "x", files: rubbish })).toContain("error");
});
