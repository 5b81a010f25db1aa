import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { zstdCompressSync } from "node:zlib";
import { digestOf } from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import { tarOf } from "../../agent/packaging/packaging.ts";
import { Failure } from "../../compiler/failure.ts";
import {
  LOCK_PATH,
  type LockedArtifact,
  lockText,
  readLock,
  resolveSource,
} from "../../compiler/lock/lock.ts";
import { type GgufTensor, type GgufValue, ggufBytes, smallModel } from "./gguf-kit.ts";

const signal = new AbortController().signal;
const example = resolve("factories");

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "millwright-lock-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Locks a generated file, as an author would whose definitions name it. */
async function lockOf(
  keys: Readonly<Record<string, GgufValue>>,
  tensors?: readonly GgufTensor[],
): Promise<LockedArtifact> {
  return lockOfBytes(ggufBytes(keys, tensors));
}

async function lockOfBytes(bytes: Uint8Array): Promise<LockedArtifact> {
  const factories = folder();
  writeFileSync(join(factories, "x.gguf"), bytes);
  return resolveSource("file:x.gguf", factories, signal);
}

async function failureOf(resolving: Promise<unknown>): Promise<string> {
  const error = await resolving.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failure)) throw new Error(`no Failure: ${error}`);
  expect(error.message).toMatch(/[.] [A-Z].*[.]$/s);
  return error.code;
}

test("a model of the example is locked with its digest, its size and the facts of its header", async () => {
  const bytes = readFileSync(join(example, "models/mail-triage.gguf"));
  expect(await resolveSource("file:models/mail-triage.gguf", example, signal)).toEqual({
    digest: digestOf(bytes),
    size: bytes.length,
    facts: {
      kind: "model",
      architecture: "llama",
      layers: 4,
      embedding: 128,
      vocabulary: 512,
      contextLength: 2048,
      heads: 4,
      kvHeads: 2,
      keyLength: 32,
      valueLength: 32,
      feedForward: 384,
      tensorBytes: 1_708_544,
      embeddingBytes: 512 * 128 * 2,
      tiedOutput: true,
    },
  });
});

test("an adapter is locked as an adapter", async () => {
  const { facts } = await resolveSource("file:models/mail-triage-care-lora.gguf", example, signal);
  expect(facts).toEqual({ kind: "adapter", architecture: "llama", tensorBytes: 311_296 });
});

test("the lock of the example is what its sources are", async () => {
  const sources = ["mail-triage", "mail-triage-care-lora", "sql-writer"].map(
    (name) => `file:models/${name}.gguf`,
  );
  const artifacts = await Promise.all(
    sources.map(async (source) => [source, await resolveSource(source, example, signal)] as const),
  );
  const committed = readFileSync(join(example, "models.lock.yaml"), "utf8");
  expect(lockText(new Map(artifacts))).toBe(committed);
});

test("a file of the host's disk is locked by its absolute URL", async () => {
  const path = join(folder(), "a model.gguf");
  writeFileSync(path, ggufBytes(smallModel));
  const { size } = await resolveSource(pathToFileURL(path).href, example, signal);
  expect(size).toBe(ggufBytes(smallModel).length);
});

test("key and value lengths, heads of each layer, vocabulary and 64-bit counts are taken where they are written", async () => {
  const { facts } = await lockOf({
    ...smallModel,
    "llama.attention.head_count_kv": [2, 0, 2, 1],
    "llama.attention.key_length": 48,
    "llama.attention.value_length": 40,
    "llama.vocab_size": 128_256,
    "llama.context_length": 131_072n,
  });
  expect(facts).toMatchObject({
    kvHeads: [2, 0, 2, 1],
    keyLength: 48,
    valueLength: 40,
    vocabulary: 128_256,
    contextLength: 131_072,
  });
});

test("without key-value heads there are as many as heads, and lengths follow from the embedding", async () => {
  const { "llama.attention.head_count_kv": _, ...keys } = smallModel;
  expect((await lockOf(keys)).facts).toMatchObject({ kvHeads: 4, keyLength: 32, valueLength: 32 });
});

test("embeddings are counted, and an output of its own unties them", async () => {
  const { facts } = await lockOf(smallModel, [
    { name: "output.weight", shape: [128, 3] },
    { name: "token_embd.weight", shape: [128, 3], type: 1, bytes: 768 },
    { name: "blk.0.attn_q.weight", shape: [128, 128] },
  ]);
  expect(facts).toMatchObject({ embeddingBytes: 768, tiedOutput: false });
});

test("the layers that slide over a window are found by the architecture's pattern or by the file's own", async () => {
  const gemma = Object.fromEntries(
    Object.entries({ ...smallModel, "llama.attention.sliding_window": 512 }).map(([key, value]) => [
      key.replace("llama.", "gemma2."),
      value,
    ]),
  );
  const byPattern = await lockOf({ ...gemma, "general.architecture": "gemma2" });
  expect(byPattern.facts).toMatchObject({ sliding: { window: 512, layers: [0, 2] } });
  const own = { "gemma2.attention.sliding_window_pattern": [true, true, false, true] };
  const byFile = await lockOf({ ...gemma, "general.architecture": "gemma2", ...own });
  expect(byFile.facts).toMatchObject({ sliding: { window: 512, layers: [0, 1, 3] } });
});

test("a window of an architecture that nobody knows is planned with full attention", async () => {
  const { facts } = await lockOf({ ...smallModel, "llama.attention.sliding_window": 512 });
  expect(facts).not.toHaveProperty("sliding");
});

test.each([
  ["what is no GGUF", Buffer.from("<!doctype html>"), "lock/not-gguf"],
  ["an empty file", Buffer.alloc(0), "lock/not-gguf"],
  ["a string of 3 GiB", hugeString(), "lock/not-gguf"],
  [
    "a header that ends before its tensors",
    ggufBytes(smallModel).subarray(0, -32),
    "lock/unusable-gguf",
  ],
  ["one of several parts", ggufBytes({ ...smallModel, "split.count": 3 }), "lock/sharded"],
  [
    "no tensors at all",
    Buffer.concat([ggufBytes(smallModel, []), Buffer.alloc(32)]),
    "lock/unusable-gguf",
  ],
  ["no architecture", without("general.architecture"), "lock/unusable-gguf"],
  ["no layers", without("llama.block_count"), "lock/unusable-gguf"],
  ["no vocabulary", without("tokenizer.ggml.tokens"), "lock/unusable-gguf"],
  [
    "heads that are 0",
    ggufBytes({ ...smallModel, "llama.attention.head_count": 0 }),
    "lock/unusable-gguf",
  ],
  [
    "four billion layers",
    ggufBytes({ ...smallModel, "llama.block_count": 4_000_000_000 }),
    "lock/unusable-gguf",
  ],
  [
    "heads for too few layers",
    ggufBytes({ ...smallModel, "llama.attention.head_count_kv": [2, 2] }),
    "lock/unusable-gguf",
  ],
  [
    "an architecture that is no word",
    ggufBytes({ ...smallModel, "general.architecture": "../x" }),
    "lock/unusable-gguf",
  ],
])("%s is refused with a reason", async (_what, bytes, code) => {
  expect(await failureOf(lockOfBytes(bytes))).toBe(code);
});

function without(key: string): Buffer {
  return ggufBytes(Object.fromEntries(Object.entries(smallModel).filter(([name]) => name !== key)));
}

function hugeString(): Buffer {
  const head = ggufBytes({ "general.architecture": "llama" }).subarray(0, 24);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(3n * 1024n ** 3n);
  return Buffer.concat([head, length, Buffer.alloc(64)]);
}

test("a tensor that lies outside the file is refused, so a broken download is never locked", async () => {
  const whole = ggufBytes(smallModel, [
    { name: "token_embd.weight", shape: [128, 3] },
    { name: "blk.0.attn_q.weight", shape: [128, 128], type: 12, bytes: 9216 },
  ]);
  expect((await lockOfBytes(whole)).size).toBe(whole.length);
  expect(await failureOf(lockOfBytes(whole.subarray(0, -8000)))).toBe("lock/unusable-gguf");
});

test.each([
  "file:../outside.gguf",
  "file:models/../../outside.gguf",
  "file:/etc/passwd",
  "file://server/share.gguf",
  "file:./x.gguf",
  "file:models\\..\\..\\outside.gguf",
])("%s does not lead out of factories/", async (source) => {
  const root = folder();
  mkdirSync(join(root, "factories"));
  writeFileSync(join(root, "outside.gguf"), ggufBytes(smallModel));
  expect(await failureOf(resolveSource(source, join(root, "factories"), signal))).toBe(
    "lock/outside",
  );
});

test("a link does not lead out of factories/ either", async () => {
  const root = folder();
  mkdirSync(join(root, "factories"));
  writeFileSync(join(root, "outside.gguf"), ggufBytes(smallModel));
  symlinkSync("../outside.gguf", join(root, "factories/inside.gguf"));
  const resolving = resolveSource("file:inside.gguf", join(root, "factories"), signal);
  expect(await failureOf(resolving)).toBe("lock/outside");
});

test("what is not there, a folder, and what is no source are told apart from models", async () => {
  const missing = resolveSource("file:models/none.gguf", example, signal);
  expect(await failureOf(missing)).toBe("lock/no-such-file");
  expect(await failureOf(resolveSource("file:models", example, signal))).toBe("lock/no-such-file");
  expect(await failureOf(resolveSource("ftp://x/y.gguf", example, signal))).toBe(
    "lock/unknown-source",
  );
  expect(await failureOf(resolveSource("file:///a%2Fb", example, signal))).toBe(
    "lock/unknown-source",
  );
});

test("an abort ends the reading of a file", async () => {
  const stopped = AbortSignal.abort(new Error("enough"));
  await expect(resolveSource("file:models/sql-writer.gguf", example, stopped)).rejects.toThrow();
});

function artifactsIn(text: string) {
  const files = new Map([[LOCK_PATH, Buffer.from(text)]]);
  const read = readLock({ repository: "mills", files });
  if (!read.ok || read.value === undefined) throw new Error("the lock cannot be read");
  return read.value.artifacts;
}

/** The archive of an agent, as `npm run package:agent` begins one. */
function archiveOf(manifest: unknown, name = "slot.json"): Uint8Array {
  const bytes = Buffer.from(JSON.stringify(manifest));
  return zstdCompressSync(tarOf([{ kind: "file", path: name, bytes, mode: 0o644 }], 0));
}

test("the archive of an agent is locked with the version and processor that it says", async () => {
  const bytes = archiveOf({ schema: "agent-slot/1", version: "0.2.0", processor: "arm64" });
  const locked = await lockOfBytes(bytes);
  expect(locked).toEqual({
    ...{ digest: digestOf(bytes), size: bytes.length },
    facts: { kind: "agent", version: "0.2.0", processor: "arm64" },
  });
  const source = "https://releases.example.org/agent.tar.zst";
  expect(artifactsIn(lockText(new Map([[source, locked]]))).get(source)).toEqual(locked);
});

test.each([
  ["of another form", archiveOf({ schema: "agent-slot/2", version: "0.2.0", processor: "x64" })],
  ["of no version", archiveOf({ schema: "agent-slot/1", version: "next", processor: "x64" })],
  ["that begins otherwise", archiveOf({ schema: "agent-slot/1" }, "agent.ts")],
  ["that breaks off", archiveOf({}).subarray(0, 30)],
  ["that is packed text", zstdCompressSync(Buffer.from("hello"))],
])("an archive %s is no agent", async (_what, bytes) => {
  expect(await failureOf(lockOfBytes(bytes))).toBe("lock/not-an-archive");
});
