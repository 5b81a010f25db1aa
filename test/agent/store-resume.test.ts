/** Transfers that break off, and servers that make going on hard. */
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { digestOf, hexOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { newHash } from "../../agent/store/running-hash.ts";
import { type BlobServer, codeOf, type StoreKit, storeKit } from "./store-kit.ts";

const never = new AbortController().signal;
const quiet = () => undefined;
const model = randomBytes(3_000_000);
const digest = digestOf(model);
const blob = { name: "mail-triage", size: model.length, sources: ["hub:"] };
const half = 1_500_000;

/** Gives the first half and breaks off. */
function breakOff(hub: BlobServer, headers: Record<string, string> = {}) {
  hub.answer = (request, response) => {
    // A second question finds nobody.
    if (request.headers.range !== undefined) {
      request.socket.destroy();
      return;
    }
    response.writeHead(200, { "content-length": model.length, ...headers });
    response.write(model.subarray(0, half), () => setImmediate(() => request.socket.destroy()));
  };
}

async function halfThere(headers?: Record<string, string>): Promise<StoreKit> {
  const kit = await storeKit({ model });
  breakOff(kit.hub, headers);
  await codeOf(kit.store.fetch(digest, blob, quiet, never));
  kit.hub.requests.length = 0;
  kit.hub.answer = undefined;
  return kit;
}

async function stateOf({ state }: StoreKit): Promise<{ state: { at: number; hash: string } }> {
  const path = join(state.blobs, `${hexOf(digest)}.partial.state`);
  return JSON.parse(await readFile(path, "utf8"));
}

test("the hash of an agent that was killed is taken up by the next one, which gets only the rest", async () => {
  const large = randomBytes(20_000_000);
  const { folder, hub, state } = await storeKit();
  let served = 0;
  let slow = true;
  hub.answer = async (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": large.length - start,
      "content-range": `bytes ${start}-${large.length - 1}/${large.length}`,
    });
    for (let at = start; at < large.length && !response.destroyed; at += 1_000_000) {
      const piece = large.subarray(at, at + 1_000_000);
      served += piece.length;
      response.write(piece);
      if (slow) await pause(60);
    }
    response.end();
  };
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL("store-child.ts", import.meta.url)),
      ...[join(folder, "state"), hub.origin, hexOf(digestOf(large)), String(large.length)],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const exited = once(child, "exit");
  for await (const text of child.stdout) {
    const at = Number(String(text).trim().split("\n").at(-1));
    if (at > 14_000_000) child.kill("SIGKILL");
  }
  expect(await exited).toEqual([null, "SIGKILL"]);
  const partial = join(state.blobs, `${hexOf(digestOf(large))}.partial`);
  const written = JSON.parse(await readFile(`${partial}.state`, "utf8")).state.at as number;
  expect(written).toBeGreaterThan(8_000_000);
  // A byte that is not read again is not missed: the hash is the one that was written down.
  await using file = await open(partial, "r+");
  await file.write(Buffer.from([(large[5] ?? 0) ^ 1]), 0, 1, 5);
  served = 0;
  slow = false;
  const next = spawn(
    process.execPath,
    [
      fileURLToPath(new URL("store-child.ts", import.meta.url)),
      ...[join(folder, "state"), hub.origin, hexOf(digestOf(large)), String(large.length)],
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  expect(await once(next, "exit")).toEqual([0, null]);
  expect(served).toBe(large.length - written);
  const whole = await readFile(join(state.blobs, hexOf(digestOf(large))));
  expect(whole.subarray(6)).toEqual(large.subarray(6));
}, 60_000);

test("a process that ended before the last step left a file that may not be written to: the next one goes on", async () => {
  const { folder, hub, state } = await storeKit({ model });
  const partial = join(state.blobs, `${hexOf(digest)}.partial`);
  await writeFile(partial, model, { mode: 0o400 });
  // Root may write to anything: the agent has a user of its own.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if ("uid" in nobody) spawnSync("chown", ["-R", "65534:65534", folder]);
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL("store-child.ts", import.meta.url)),
      ...[join(folder, "state"), hub.origin, hexOf(digest), String(model.length)],
    ],
    { ...nobody, stdio: ["ignore", "ignore", "inherit"] },
  );
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(await readFile(join(state.blobs, hexOf(digest)))).toEqual(model);
}, 20_000);

test("what was written down is the hash of exactly the bytes that are here", async () => {
  const kit = await halfThere();
  const { state } = await stateOf(kit);
  const partial = join(kit.state.blobs, `${hexOf(digest)}.partial`);
  expect(state.at).toBe((await stat(partial)).size);
  expect(state.at).toBeGreaterThan(0);
  expect(
    createHash("sha256")
      .update(await readFile(partial))
      .digest("hex"),
  ).toBe(createHash("sha256").update(model.subarray(0, state.at)).digest("hex"));
});

test("a hash can be asked for in the middle, and goes on", async () => {
  const hash = await newHash();
  hash.update(Buffer.from("ab"));
  expect(hash.hex()).toBe(createHash("sha256").update("ab").digest("hex"));
  hash.update(Buffer.from("c"));
  expect(hash.hex()).toBe(createHash("sha256").update("abc").digest("hex"));
});

test.each([
  ["whose offset was changed", (text: string) => text.replace(/"at":\d+/, '"at":65536')],
  ["of another version", (text: string) => text.replace("part/1", "part/2")],
  ["that is torn", (text: string) => text.slice(0, 50)],
])("a state %s is not believed: the file comes anew, and right", async (_what, change) => {
  const kit = await halfThere();
  const path = join(kit.state.blobs, `${hexOf(digest)}.partial.state`);
  await writeFile(path, change(await readFile(path, "utf8")));
  await kit.store.fetch(digest, blob, quiet, never);
  expect(kit.hub.requests.map(({ headers }) => headers.range)).toEqual([undefined]);
  expect(await readFile(kit.store.path(digest))).toEqual(model);
});

test("zeros where the last bytes were, as a power cut leaves them, are not gone on with", async () => {
  const kit = await halfThere();
  const { at } = (await stateOf(kit)).state;
  await using file = await open(join(kit.state.blobs, `${hexOf(digest)}.partial`), "r+");
  await file.write(Buffer.alloc(4_096), 0, 4_096, at - 4_096);
  await kit.store.fetch(digest, blob, quiet, never);
  expect(kit.hub.requests.map(({ headers }) => headers.range)).toEqual([undefined]);
  expect(await readFile(kit.store.path(digest))).toEqual(model);
});

test("the version of a file is named when its rest is asked for", async () => {
  const kit = await halfThere({ etag: '"one"' });
  await kit.store.fetch(digest, blob, quiet, never);
  expect(kit.hub.requests[0]?.headers).toMatchObject({
    range: expect.stringMatching(/^bytes=[1-9]/),
    "if-range": '"one"',
  });
});

test("a file that has changed at its source comes whole", async () => {
  const kit = await halfThere({ etag: '"one"' });
  kit.hub.answer = (_request, response) => {
    response.writeHead(200, { etag: '"two"' });
    response.end(model);
  };
  await kit.store.fetch(digest, blob, quiet, never);
  expect(kit.hub.requests).toHaveLength(1);
  expect(await readFile(kit.store.path(digest))).toEqual(model);
});

test.each([
  ["ignores where it is to begin", 200, {}],
  ["knows no such place", 416, { "content-range": "bytes */7" }],
  ["goes on elsewhere", 206, { "content-range": `bytes 7-${model.length - 1}/${model.length}` }],
  ["does not say where it goes on", 206, {}],
] as const)(
  "a server that %s gives the whole; what is here stays",
  async (_what, status, headers) => {
    const kit = await halfThere();
    const { at } = (await stateOf(kit)).state;
    kit.hub.answer = (request, response) => {
      const isPart = request.headers.range !== undefined;
      response.writeHead(isPart ? status : 200, isPart ? headers : {});
      response.end(isPart && status !== 200 ? model.subarray(7) : model);
    };
    const seen: number[] = [];
    await kit.store.fetch(digest, blob, (bytes) => seen.push(bytes), never);
    expect(Math.min(...seen)).toBeGreaterThan(at);
    expect(kit.hub.requests).toHaveLength(status === 200 ? 1 : 2);
    expect(await readFile(kit.store.path(digest))).toEqual(model);
  },
);

test("a file that is too short at its source is found out before it has come", async () => {
  const kit = await halfThere();
  kit.hub.answer = (_request, response) => {
    response.writeHead(200, { "content-length": 9 });
    response.end("too short");
  };
  expect((await codeOf(kit.store.fetch(digest, blob, quiet, never))).message).toContain(
    `has 9 bytes; the plan names ${model.length}`,
  );
});

test("a line that breaks off again and again, but not without a good piece, is gone on with at once", async () => {
  const kit = await storeKit({ model });
  kit.hub.answer = (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": model.length - start,
      ...(start > 0 && { "content-range": `bytes ${start}-${model.length - 1}/${model.length}` }),
    });
    const piece = model.subarray(start, start + 1_300_000);
    if (start + piece.length === model.length) response.end(piece);
    else response.write(piece, () => setTimeout(() => request.socket.destroy(), 50));
  };
  await kit.store.fetch(digest, blob, quiet, never);
  expect(kit.hub.requests.length).toBeGreaterThanOrEqual(3);
  expect(await readdir(kit.state.blobs)).toEqual([hexOf(digest)]);
});
