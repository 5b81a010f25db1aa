import { digestOf, hexOf } from "@millwright/schema";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Diagnostic, Stage } from "../../compiler/diagnostic/diagnostic.ts";
import {
  LOCK_PATH,
  type Lock,
  type LockedArtifact,
  lockText,
  readLock,
} from "../../compiler/lock/lock.ts";

const model: LockedArtifact = {
  digest: digestOf("model"),
  size: 1_000_000,
  facts: {
    kind: "model",
    architecture: "llama",
    layers: 4,
    embedding: 128,
    vocabulary: 512,
    contextLength: 2048,
    heads: 4,
    kvHeads: [2, 2, 2, 1],
    keyLength: 32,
    valueLength: 32,
    sliding: { window: 512, layers: [0, 2] },
    tensorBytes: 900_000,
    embeddingBytes: 131_072,
    tiedOutput: true,
  },
};
const adapter: LockedArtifact = {
  digest: digestOf("adapter"),
  size: 1000,
  facts: { kind: "adapter", architecture: "llama", tensorBytes: 900 },
};

function read(text: string | Uint8Array): Stage<Lock | undefined> {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  return readLock({ repository: "mills", files: new Map([[LOCK_PATH, bytes]]) });
}

/** The only problem, and the text that it points at. */
function problemIn(text: string): { readonly message: string; readonly at: string } {
  const stage = read(text);
  if (stage.ok) throw new Error("the lock was accepted");
  const [{ code, message, at, cure } = {} as Diagnostic, ...others] = stage.problems;
  expect([code, others, cure]).toEqual([
    "lock/stale",
    [],
    expect.stringContaining("millwright lock"),
  ]);
  return { message, at: text.slice(at?.start, at?.end) };
}

test("what is written is read back, with the SHA-256 of the text", () => {
  const text = lockText(
    new Map([
      ["https://example.org/x.gguf", model],
      ["file:a.gguf", adapter],
    ]),
  );
  const stage = read(text);
  expect(stage).toEqual({
    ok: true,
    warnings: [],
    value: {
      artifacts: new Map([
        ["file:a.gguf", adapter],
        ["https://example.org/x.gguf", model],
      ]),
      sha256: hexOf(digestOf(text)),
    },
  });
});

test("no lock is no error: a repository without models has none", () => {
  expect(readLock({ repository: "mills", files: new Map() })).toEqual({
    ok: true,
    value: undefined,
    warnings: [],
  });
});

test("the text depends neither on the order of sources nor on that of fields", () => {
  const sources = ["file:a.gguf", "file:b.gguf", "file:B.gguf", "file:10.gguf", "https://x/y.gguf"];
  const expected = lockText(new Map(sources.map((source) => [source, model])));
  fc.assert(
    fc.property(
      fc.shuffledSubarray(sources, { minLength: sources.length }),
      fc.shuffledSubarray(Object.entries(model.facts), {
        minLength: Object.keys(model.facts).length,
      }),
      (order, fields) => {
        const facts = Object.fromEntries(fields) as typeof model.facts;
        const shuffled = new Map(
          order.map((source) => [source, { facts, size: model.size, digest: model.digest }]),
        );
        expect(lockText(shuffled)).toBe(expected);
      },
    ),
  );
});

test("the text says that it is no place for edits", () => {
  expect(lockText(new Map())).toMatch(/^# .*`millwright lock`: do not edit by hand\.\n/);
});

const text = lockText(new Map([["file:a.gguf", model]]));

test.each([
  ["a digest that is none", text.replace(/sha256:\w+/, "sha256:abc"), "digest", "sha256:abc"],
  ["a size that is no number", text.replace("size: 1000000", "size: large"), "size", "large"],
  ["a count out of range", text.replace("layers: 4\n", "layers: 0\n"), "layers", "0"],
  [
    "a field that nobody knows",
    text.replace("heads: 4", "heads: 4\n      horns: 2"),
    "additional",
    "kind",
  ],
  [
    "embeddings larger than all tensors",
    text.replace("131072", "13107200"),
    "embeddings",
    "13107200",
  ],
  ["heads for other layers", text.replace("layers: 4\n", "layers: 5\n"), "kvHeads", "- 2"],
  ["a sliding layer that is not there", text.replace("- 0", "- 9"), "sliding", "window"],
  ["another form", text.replace("lock/1", "lock/2"), "schema", "lock/2"],
  ["a kind that nobody knows", text.replace("kind: model", "kind: mould"), "kind", "mould"],
])("%s is reported where it stands", (_what, broken, message, at) => {
  expect(broken).not.toBe(text);
  const problem = problemIn(broken);
  expect(problem.message).toContain(message);
  expect(problem.at).toContain(at);
});

test("YAML that does not parse, repeats a key, holds an alias or a second document is refused", () => {
  expect(problemIn("artifacts: [").message).toContain("the lock cannot be read");
  expect(problemIn(`${text}schema: lock/1\n`).message).toContain("unique");
  expect(problemIn("a: &a 1\nb: *a\n").message).toContain("alias");
  expect(problemIn(`${text}---\n${text}`).message).toContain("document");
});

test("text nested without end, and bytes that are no text, end in a problem", () => {
  expect(problemIn("[".repeat(20_000)).message).not.toBe("");
  expect(read(Buffer.from([0xff, 0xfe, 0x00])).ok).toBe(false);
});

test("whatever stands in the file, reading ends in a lock or in a problem inside it", () => {
  fc.assert(
    fc.property(fc.nat(text.length), fc.string({ maxLength: 12 }), (at, inserted) => {
      const stage = read(text.slice(0, at) + inserted + text.slice(at));
      if (!stage.ok) expect(stage.problems[0]?.at?.file).toBe(LOCK_PATH);
    }),
  );
});
