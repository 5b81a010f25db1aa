/** A session says, byte for byte, what a compilation from nothing says; whatever was edited before. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Compiled, compile, newSession } from "../../compiler/compile.ts";
import { type Stage, textOf } from "../../compiler/diagnostic/diagnostic.ts";
import { LOCK_PATH } from "../../compiler/lock/lock.ts";
import { readFolder, type SourceTree } from "../../compiler/source/source.ts";
import { filesOf } from "../bench/compile/repository.ts";

const example = await readFolder(process.cwd(), new AbortController().signal);
const generated: SourceTree = {
  repository: "generated",
  files: new Map(
    [...filesOf({ hosts: 20, factories: 4, models: 3, seed: 1 })].map(([path, text]) => [
      path,
      Buffer.from(text),
    ]),
  ),
};

/** What an author may do to a file; `undefined` takes it away. */
type Edit = (text: string, words: readonly [string, string]) => string | undefined;

const edits: readonly Edit[] = [
  (text) => text,
  (text) => `${text}\n`,
  (text) => `// ${text.length}\n${text}`,
  () => undefined,
  () => "",
  (text) => text.slice(0, text.length / 2),
  (text, [from, to]) => text.replaceAll(from, to),
  (text, [from, to]) => text.replaceAll(from, to),
  (text, [from, to]) => text.replace(from, to),
  (text) => text.replace(/name: "([^"]+)"/, 'name: "twin"'),
  (text) => text.replace(/\n {2}name: [^\n]+/, ""),
  (text) =>
    text.replace(
      /export const (\w+) = \w+\(([\s\S]*)\);/,
      "const inner = $2; export const $1 = inner;",
    ),
];

/** Pairs that change what others see of a file, or that break it. */
const words = [
  ["replicas: 2", "replicas: 3"],
  ["replicas: 2", "replicas: 900"],
  ['"large"', '"small"'],
  ["cores: 1", "cores: 2"],
  ["2GiB", "3GiB"],
  ["2GiB", "9MiB"],
  ["context: 1024", "context: 2048"],
  ["context:", "contxet:"],
  ["factory(", "factor("],
  ["model", "modle"],
  ["eu", "us"],
  ['"de"', '"ch"'],
  ["rack", "row"],
  ["Apache-2.0", "MIT"],
  ["kind: host", "kind: model"],
  ["digest: sha256:0", "digest: sha256:1"],
  ["kind: adapter", "kind: model"],
  ["every: ", "never: "],
  ['to: "triage"', 'to: "sql"'],
  ["export const", "const"],
] as const;

function stepsIn(tree: SourceTree) {
  const path = fc.oneof(
    fc.constantFrom(...tree.files.keys()),
    fc.constantFrom(...[...tree.files.keys()].filter((name) => !name.includes("/hosts/"))),
  );
  return fc.array(
    fc.record({
      path,
      edit: fc.constantFrom(...edits),
      words: fc.constantFrom(...words),
      /** Whether the file is written anew, or goes on from where an earlier edit left it. */
      fresh: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10 },
  );
}

test.each([
  ["the example", example, 15],
  ["a generated repository", generated, 12],
])("whatever is edited in %s, a session says what a compilation says", (_, tree, numRuns) => {
  const fates = { sound: 0, unsound: 0 };
  fc.assert(
    fc.property(stepsIn(tree), (steps) => {
      const session = newSession();
      const files = new Map(tree.files);
      expect(saidOf(session.compile(tree), tree)).toEqual(saidOf(compile(tree), tree));
      for (const { path, edit, words: pair, fresh } of steps) {
        const before = (fresh ? tree.files : files).get(path) ?? tree.files.get(path);
        const after = edit(new TextDecoder().decode(before), pair);
        if (after === undefined) files.delete(path);
        else files.set(path, Buffer.from(after));
        const now = { ...tree, files: new Map(files) };
        const compiled = session.compile(now);
        expect(saidOf(compiled, now)).toEqual(saidOf(compile(now), now));
        fates[compiled.ok ? "sound" : "unsound"] += 1;
      }
    }),
    { numRuns },
  );
  // Both fates were seen more than once; how often is up to chance.
  expect(Math.min(fates.sound, fates.unsound)).toBeGreaterThan(2);
});

test("a repository compiled after another in one session is not mistaken for it", () => {
  const session = newSession();
  for (const tree of [example, generated, example])
    expect(saidOf(session.compile(tree), tree)).toEqual(saidOf(compile(tree), tree));
});

test.each([
  ["the lock's digests", LOCK_PATH, /digest: sha256:./g, "digest: sha256:f"],
  ["the lock's sizes", LOCK_PATH, /size: /g, "size: 1"],
  ["the lock's facts", LOCK_PATH, /layers: 4/g, "layers: 5"],
  ["the hubs", "factories/fleet.ts", "ws://127.0.0.1:7420", "ws://127.0.0.1:7421"],
  ["a group of regions", "factories/fleet.ts", '["de", "fr", "nl"]', '["de", "ch"]'],
  ["a model's question", "factories/models.ts", "parcel 4821", "parcel 4822"],
  ["a model's source", "factories/reporting.yaml", "sql-writer.gguf", "mail-triage.gguf"],
  ["the purposes of data", "factories/data.ts", '"serve", "evaluate", "train"', '"serve"'],
  ["the owner of a factory", "factories/support.ts", "team-support", "team-of-ana"],
  ["a selector", "factories/reporting.yaml", "site: zrh", "site: fra"],
  ["another host's memory", "factories/hosts/zurich.ts", "2GiB", "3GiB"],
])("%s are another: so are the plans that a session gives", (_, path, from, to) => {
  const session = newSession();
  const before = saidOf(session.compile(example), example);
  const text = new TextDecoder().decode(example.files.get(path)).replace(from, to);
  const now = { ...example, files: new Map([...example.files, [path, Buffer.from(text)]]) };
  const after = saidOf(session.compile(now), now);
  expect(after).toEqual(saidOf(compile(now), now));
  expect(after).not.toEqual(before);
  expect(saidOf(session.compile(example), example)).toEqual(before);
});

test("what a session gave stays as it was when something else is compiled", () => {
  const session = newSession();
  const first = session.compile(example);
  const before = saidOf(first, example);
  const lock = Buffer.from(
    new TextDecoder()
      .decode(example.files.get(LOCK_PATH))
      .replaceAll("digest: sha256:0", "digest: sha256:1"),
  );
  session.compile({ ...example, files: new Map([...example.files, [LOCK_PATH, lock]]) });
  expect(saidOf(first, example)).toEqual(before);
});

/** Every byte that a compilation says, and where the values of its definitions stand. */
function saidOf(compiled: Stage<Compiled>, tree: SourceTree): unknown {
  const found = compiled.ok ? compiled.warnings : compiled.problems;
  const said = { text: textOf(found, tree.files), found };
  if (!compiled.ok) return said;
  const { plans, tree: root, definitions, lock } = compiled.value;
  const { fleet, ...named } = definitions;
  return {
    ...said,
    plans: [...plans].map(([host, { bytes, digest }]) => [
      host,
      digest,
      Buffer.from(bytes).toString(),
    ]),
    root,
    lock,
    definitions: [fleet, ...Object.values(named).flatMap((each) => [...each.values()])].map(
      ({ value, at, spanOf }) => [value, at, spanOf(["name"]), spanOf(["deployments"], "key")],
    ),
  };
}
