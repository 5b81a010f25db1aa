/** Disks that are full, and what goes from them. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, digestOf, hexOf } from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import { holdingBlobs, type StorePlan } from "../../agent/store/store.ts";
import { codeOf, type StoreKit, storeKit } from "./store-kit.ts";

const never = new AbortController().signal;
const quiet = () => undefined;
const MIB = 1024 ** 2;
const small: StorePlan = { store: { reserve: 0, watermarks: { high: 0.8, low: 0.5 } } };

/** A store on a disk of its own, of so many bytes. */
async function storeOn(
  bytes: number,
  options: Parameters<typeof storeKit>[0] = {},
): Promise<StoreKit> {
  const kit = await storeKit({ plan: () => small, ...options });
  run("mount", "-t", "tmpfs", "-o", `size=${bytes}`, "millwright-test", kit.state.blobs);
  onTestFinished(() => run("umount", "--lazy", kit.state.blobs));
  return kit;
}

function run(command: string, ...words: string[]): void {
  const { status, stderr } = spawnSync(command, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

async function put({ state }: StoreKit, size: number, usedAt: number): Promise<Digest> {
  const bytes = randomBytes(size);
  const path = join(state.blobs, hexOf(digestOf(bytes)));
  await writeFile(path, bytes);
  await utimes(path, usedAt, usedAt);
  return digestOf(bytes);
}

const blobOf = (bytes: Uint8Array) => ({ name: "mail", size: bytes.length, sources: ["hub:"] });

test("a disk that another program fills on the way is a condition with figures; nothing is asked for until there is room, and then only the rest", async () => {
  const model = randomBytes(6 * MIB);
  const digest = digestOf(model);
  const kit = await storeOn(10 * MIB, { model });
  const kept = await put(kit, MIB, 1);
  const ballast = join(kit.state.blobs, "ballast");
  let filled = false;
  const fill = (bytes: number) => {
    if (filled || bytes < 2 * MIB) return;
    filled = true;
    spawnSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=64k"]);
  };
  const first = await codeOf(kit.store.fetch(digest, blobOf(model), fill, never));
  expect(first.code).toBe("store/disk-full");
  expect(first.message).toMatch(/mail still needs 4\.\d MiB.* missing\. Models here: 1\.0 MiB/);
  expect(first.message).toContain(kept.slice(0, 19));
  expect(kit.conditions.list()).toMatchObject([{ code: "store/disk-full", subject: digest }]);
  const { at } = JSON.parse(
    await readFile(join(kit.state.blobs, `${hexOf(digest)}.partial.state`), "utf8"),
  ).state;
  expect(at).toBeGreaterThan(MIB);

  const asked = kit.hub.requests.length;
  for (let turn = 0; turn < 3; turn += 1)
    expect((await codeOf(kit.store.fetch(digest, blobOf(model), quiet, never))).code).toBe(
      "store/disk-full",
    );
  expect(kit.hub.requests).toHaveLength(asked);
  const partial = join(kit.state.blobs, `${hexOf(digest)}.partial`);
  expect((await stat(partial)).size).toBe(at);

  await rm(ballast);
  await kit.store.fetch(digest, blobOf(model), quiet, never);
  expect(kit.hub.requests.at(-1)?.headers.range).toBe(`bytes=${at}-`);
  expect(await readFile(kit.store.path(digest))).toEqual(model);
  expect(kit.conditions.list()).toEqual([]);
});

test("two transfers are not promised the same room", async () => {
  const [one, other] = [randomBytes(6 * MIB), randomBytes(6 * MIB)];
  const kit = await storeOn(10 * MIB);
  let go = () => {};
  const begun = new Promise<void>((resolve) => {
    kit.hub.answer = (_request, response) => {
      go = () => response.end(one);
      resolve();
    };
  });
  const first = kit.store.fetch(digestOf(one), blobOf(one), quiet, never);
  await begun;
  const second = await codeOf(kit.store.fetch(digestOf(other), blobOf(other), quiet, never));
  expect(second.code).toBe("store/disk-full");
  expect(kit.hub.requests).toHaveLength(1);
  go();
  await first;
  expect(await readFile(kit.store.path(digestOf(one)))).toEqual(one);
});

test("what nothing needs makes room for what is wanted, the longest unused first; the rest stays", async () => {
  const model = randomBytes(5 * MIB);
  const needed = new Map<Digest, string>();
  const kit = await storeOn(10 * MIB, { model, needed: () => needed });
  const old = await put(kit, 2 * MIB, 1_000);
  const good = await put(kit, 2 * MIB, 2_000);
  const older = await put(kit, 2 * MIB, 500);
  const young = await put(kit, MIB, 3_000);
  needed.set(good, "the last good plan");
  await kit.store.fetch(digestOf(model), blobOf(model), quiet, never);
  expect(await has(kit, older, old, good, young)).toEqual([false, true, true, true]);
});

test("over the high watermark what no plan names goes, the longest unused first, down to the low one", async () => {
  const needed = new Map<Digest, string>();
  const kit = await storeOn(10 * MIB, { needed: () => needed });
  const first = await put(kit, 2 * MIB, 100);
  const second = await put(kit, 2 * MIB, 200);
  const wanted = await put(kit, 2 * MIB, 50);
  expect(await kit.store.collect(new Set([wanted]))).toBe(0);
  const third = await put(kit, 2 * MIB, 300);
  const used = kit.store.hold([first]);
  expect(await kit.store.collect(new Set([wanted]))).toBe(4 * MIB);
  expect(await has(kit, wanted, first, second, third)).toEqual([true, true, false, false]);
  used[Symbol.dispose]();
});

test("what fills the disk between two plans makes what no plan names go", async () => {
  const kit = await storeOn(10 * MIB, { needed: () => needed });
  const needed = new Map<Digest, string>();
  const [stale, wanted] = [await put(kit, 2 * MIB, 100), await put(kit, 2 * MIB, 50)];
  needed.set(wanted, "the plan of now");
  const end = new AbortController();
  const tending = kit.store.tend(end.signal);
  await kit.clock.pass(600_000);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await has(kit, stale, wanted)).toEqual([true, true]);
  await writeFile(join(kit.state.blobs, "log"), Buffer.alloc(5 * MIB));
  await kit.clock.pass(600_000);
  for (let turn = 0; turn < 100 && (await kit.store.has(stale)); turn += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  end.abort();
  await tending;
  expect(await has(kit, stale, wanted)).toEqual([false, true]);
});

test("whoever is used was not unused the longest", async () => {
  const kit = await storeOn(10 * MIB);
  const [first, second] = [await put(kit, 4 * MIB, 100), await put(kit, 4 * MIB, 200)];
  kit.store.hold([first])[Symbol.dispose]();
  await kit.store.collect(new Set());
  expect(await has(kit, first, second)).toEqual([true, false]);
});

test("a model stays from the moment that a process is started with it until that process is gone", async () => {
  const kit = await storeKit({ plan: () => ({ store: { watermarks: { high: 0, low: 0 } } }) });
  const digest = await put(kit, 1_000, 1);
  const started = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const spec = { model: { digest } };
  const runners = holdingBlobs(
    {
      adopt: async () => [],
      start: async () => {
        await started.promise;
        return { spec, gone: gone.promise };
      },
    },
    kit.store.hold,
  );
  const starting = runners.start(spec, never);
  await kit.store.collect(new Set());
  started.resolve();
  await starting;
  await kit.store.collect(new Set());
  expect(await has(kit, digest)).toEqual([true]);
  gone.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  await kit.store.collect(new Set());
  expect(await readdir(kit.state.blobs)).toEqual([]);
});

test("a process that does not start lets its model go", async () => {
  const kit = await storeKit({ plan: () => ({ store: { watermarks: { high: 0, low: 0 } } }) });
  const digest = await put(kit, 1_000, 1);
  const failing = {
    adopt: async () => [],
    start: async ({ model }: { readonly model: { readonly digest: Digest } }) => {
      if (model.digest === digest) throw new Error("no memory");
      return { spec: { model }, gone: Promise.resolve() };
    },
  };
  const start = holdingBlobs(failing, kit.store.hold).start({ model: { digest } }, never);
  await expect(start).rejects.toThrow("no memory");
  await kit.store.collect(new Set());
  expect(await readdir(kit.state.blobs)).toEqual([]);
});

async function has({ store }: StoreKit, ...digests: Digest[]): Promise<boolean[]> {
  return await Promise.all(digests.map((digest) => store.has(digest)));
}
