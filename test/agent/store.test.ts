import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { digestOf, hexOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { codeOf, serve, storeKit, tidy } from "./store-kit.ts";

const model = randomBytes(300_000);
const digest = digestOf(model);
const quiet = () => undefined;
const never = new AbortController().signal;
const blob = (...sources: string[]) => ({ name: "mail-triage", size: model.length, sources });

test("a file is copied, never linked, and cannot be written to", async () => {
  const { store, state, folder } = await storeKit();
  const source = join(folder, "model.gguf");
  await writeFile(source, model);
  const seen: number[] = [];
  await store.fetch(digest, blob(pathToFileURL(source).href), (bytes) => seen.push(bytes), never);
  expect(await store.has(digest)).toBe(true);
  expect(await readFile(store.path(digest))).toEqual(model);
  const [copy, original] = [await stat(store.path(digest)), await stat(source)];
  expect(copy.mode & 0o777).toBe(0o400);
  expect(copy.ino).not.toBe(original.ino);
  expect(seen.at(-1)).toBe(model.length);
  expect(await readdir(state.blobs)).toEqual([hexOf(digest)]);
});

test("what is here already is not asked for again", async () => {
  const { store, hub } = await storeKit({ model });
  await store.fetch(digest, blob("hub:"), quiet, never);
  const { ino, mtimeMs } = await stat(store.path(digest));
  await store.fetch(digest, blob("hub:"), quiet, never);
  expect(hub.requests).toHaveLength(1);
  expect(await stat(store.path(digest))).toMatchObject({ ino, mtimeMs });
});

test("the hub is asked for the digest, with a token, and for bytes as they are", async () => {
  const { store, hub } = await storeKit({ model });
  await store.fetch(digest, blob("hub:"), quiet, never);
  expect(hub.requests).toEqual([
    expect.objectContaining({ url: `/v1/blobs/sha256/${hexOf(digest)}` }),
  ]);
  expect(hub.requests[0]?.headers).toMatchObject({
    authorization: "Bearer secret",
    "accept-encoding": "identity",
  });
});

test("sources are tried in their order until one gives the right bytes", async () => {
  const { store, folder } = await storeKit();
  const wrong = join(folder, "wrong.gguf");
  const right = join(folder, "right.gguf");
  await writeFile(wrong, randomBytes(model.length));
  await writeFile(right, model);
  const sources = [join(folder, "missing"), folder, wrong, right].map(
    (path) => pathToFileURL(path).href,
  );
  await store.fetch(digest, blob("hub:", ...sources), quiet, never);
  expect(await readFile(store.path(digest))).toEqual(model);
});

test("other bytes are refused by name, what was found and what was expected, and leave nothing behind", async () => {
  const { store, state, folder } = await storeKit();
  const other = randomBytes(model.length);
  await writeFile(join(folder, "other"), other);
  const failure = await codeOf(
    store.fetch(digest, blob(pathToFileURL(join(folder, "other")).href), quiet, never),
  );
  expect(failure.code).toBe("store/wrong-digest");
  expect(failure.message).toContain(digest);
  expect(failure.message).toContain(digestOf(other));
  expect(await readdir(state.blobs)).toEqual([]);
});

test("a transfer that broke off goes on where it was", async () => {
  const { store, hub } = await storeKit({ model });
  hub.answer = (request, response) => {
    response.writeHead(200, { "content-length": model.length });
    response.write(model.subarray(0, 100_000), () => request.socket.destroy());
  };
  expect((await codeOf(store.fetch(digest, blob("hub:"), quiet, never))).code).toBe(
    "store/not-fetched",
  );
  hub.answer = undefined;
  await store.fetch(digest, blob("hub:"), quiet, never);
  expect(hub.requests.at(-1)?.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
  expect(await readFile(store.path(digest))).toEqual(model);
});

test("a source that cannot go on in the middle begins anew", async () => {
  const { store, state, hub } = await storeKit({ model });
  await writeFile(join(state.blobs, `${hexOf(digest)}.partial`), model.subarray(0, 1_000));
  hub.answer = (_request, response) => {
    response.writeHead(200, { "content-length": model.length });
    response.end(model);
  };
  await store.fetch(digest, blob("hub:"), quiet, never);
  expect(await readFile(store.path(digest))).toEqual(model);
});

test("a source that goes on in another place than asked is not believed", async () => {
  const { store, state, hub } = await storeKit({ model });
  await writeFile(join(state.blobs, `${hexOf(digest)}.partial`), model.subarray(0, 1_000));
  hub.answer = (_request, response) => {
    response.writeHead(206, { "content-range": `bytes 5000-${model.length - 1}/${model.length}` });
    response.end(model.subarray(5_000));
  };
  expect((await codeOf(store.fetch(digest, blob("hub:"), quiet, never))).code).toBe(
    "store/not-fetched",
  );
  hub.answer = undefined;
  await store.fetch(digest, blob("hub:"), quiet, never);
  expect(await readFile(store.path(digest))).toEqual(model);
});

test.each([
  ["zeros, as a power cut leaves them", (size: number) => Buffer.alloc(size)],
  ["as many bytes as the model has, but others", () => randomBytes(model.length)],
  ["more bytes than the model has", () => randomBytes(model.length + 1)],
])("a partial file of %s is no reason to blame the source", async (_what, rest) => {
  const { store, state, hub } = await storeKit({ model });
  await writeFile(join(state.blobs, `${hexOf(digest)}.partial`), rest(50_000));
  await store.fetch(digest, blob("hub:"), quiet, never);
  expect(await readFile(store.path(digest))).toEqual(model);
  expect(hub.requests.length).toBeGreaterThan(0);
});

test("endless data is cut off at the size that the plan names", async () => {
  const { store, state, hub } = await storeKit({ model });
  let sent = 0;
  hub.answer = (_request, response) => {
    response.writeHead(200);
    const pour = () => {
      while (!response.destroyed && response.write(model)) sent += model.length;
      if (!response.destroyed) response.once("drain", pour);
    };
    pour();
  };
  const failure = await codeOf(store.fetch(digest, blob("hub:"), quiet, never));
  expect(failure.message).toContain("More than the 300000 bytes");
  for (const file of await readdir(state.blobs))
    expect((await stat(join(state.blobs, file))).size).toBeLessThanOrEqual(model.length);
  expect(sent).toBeLessThan(50_000_000);
});

test.each([
  ["never answers", () => undefined],
  [
    "answers and then says nothing more",
    (response: { writeHead(code: number): void; write(bytes: Uint8Array): void }) => {
      response.writeHead(200);
      response.write(model.subarray(0, 1_000));
    },
  ],
])("a source that %s is given up after half a minute", async (_what, begin) => {
  const { store, hub, clock } = await storeKit({ model });
  hub.answer = (_request, response) => begin(response);
  const start = clock.now();
  const fetched = codeOf(store.fetch(digest, blob("hub:"), quiet, never));
  while (hub.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await clock.pass(31_000);
  expect((await fetched).message).toContain("30 s");
  expect(clock.now() - start).toBeLessThan(32_000);
});

test("whoever stops a transfer gets it stopped, and its bytes are kept for the next time", async () => {
  const { store, state, hub } = await storeKit({ model });
  hub.answer = (_request, response) => {
    response.writeHead(200);
    response.write(model.subarray(0, 100_000));
  };
  const stop = new AbortController();
  await expect(
    store.fetch(digest, blob("hub:"), (bytes) => bytes >= 100_000 && stop.abort(), stop.signal),
  ).rejects.toThrow(/abort/);
  expect((await stat(join(state.blobs, `${hexOf(digest)}.partial`))).size).toBe(100_000);
});

test("a disk without room is said before the first byte is asked for", async () => {
  const { store, hub } = await storeKit({ model });
  const failure = await codeOf(
    store.fetch(digest, { ...blob("hub:"), size: Number.MAX_SAFE_INTEGER - 2 ** 30 }, quiet, never),
  );
  expect(failure.code).toBe("store/disk-full");
  expect(failure.message).toMatch(/TiB/);
  expect(hub.requests).toEqual([]);
});

test("bytes in the clear come from the hub on this machine or not at all", async () => {
  const { store } = await storeKit();
  const plain = await serve(model);
  const refused = await codeOf(store.fetch(digest, blob(`${plain.origin}/model`), quiet, never));
  expect(refused.message).toContain("https");
  expect(plain.requests).toEqual([]);

  const far = await storeKit({
    hub: { origin: "http://hub.example", token: async () => "secret" },
  });
  const failure = await codeOf(far.store.fetch(digest, blob("hub:"), quiet, never));
  expect(failure.message).toContain("not encrypted");
});

test("a hub that sends the agent elsewhere is not followed, so its token stays with it", async () => {
  const { store, hub } = await storeKit({ model });
  const other = await serve(model);
  hub.answer = (_request, response) => {
    response.writeHead(302, { location: `${other.origin}/model` });
    response.end();
  };
  expect((await codeOf(store.fetch(digest, blob("hub:"), quiet, never))).message).toContain(
    "not followed",
  );
  expect(other.requests).toEqual([]);
});

test("a plan without a hub is told so", async () => {
  const { store } = await storeKit({ hub: undefined });
  expect((await codeOf(store.fetch(digest, blob("hub:"), quiet, never))).message).toContain(
    "no hub",
  );
});

test("what no plan names is unlinked, also when it was half fetched; a file that is open stays readable", async () => {
  const { store, state, folder } = await storeKit({ plan: () => tidy });
  const files = await Promise.all(
    [model, randomBytes(10)].map(async (bytes, index) => {
      const path = join(folder, String(index));
      await writeFile(path, bytes);
      await store.fetch(
        digestOf(bytes),
        { ...blob(pathToFileURL(path).href), size: bytes.length },
        quiet,
        never,
      );
      return digestOf(bytes);
    }),
  );
  const half = digestOf("half");
  await writeFile(join(state.blobs, `${hexOf(half)}.partial`), "hal");
  await writeFile(join(state.blobs, "note.txt"), "not ours");
  expect(await store.collect(new Set([files[0] ?? digest]))).toBe(13);
  expect((await readdir(state.blobs)).sort()).toEqual([hexOf(digest), "note.txt"].sort());
  expect(await store.has(files[1] ?? digest)).toBe(false);
});

test("only a file counts as a model: a folder or a link of its name does not", async () => {
  const { store, state, folder, hub } = await storeKit({ model });
  await mkdir(store.path(digest));
  expect(await store.has(digest)).toBe(false);
  const other = digestOf("other");
  await writeFile(join(folder, "elsewhere"), "other");
  await symlink(join(folder, "elsewhere"), join(state.blobs, hexOf(other)));
  expect(await store.has(other)).toBe(false);
  expect(hub.requests).toEqual([]);
});
