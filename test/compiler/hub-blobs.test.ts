import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf, type HostPlan, hexOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { hostOf, offeringHub, type TestHost, type TestHub, tokenOf } from "./hub-kit.ts";
import { initialised, releaseOf } from "./release-kit.ts";

const model = randomBytes(300_000);
const digest = digestOf(model);
const blobs: HostPlan["blobs"] = {
  [digest]: { name: "mail-triage", size: model.length, sources: ["hub:"] },
};
const one = hostOf("fra-1", { blobs });
const two = hostOf("fra-2");

/** A repository that holds a model, and a lock that names it. */
async function repositoryWith(file: Buffer, source = "file:models/mail.gguf") {
  const shop = await initialised();
  const factories = join(shop.repository, "factories");
  mkdirSync(join(factories, "models"), { recursive: true });
  writeFileSync(join(factories, "models/mail.gguf"), file);
  writeFileSync(join(shop.repository, "outside.gguf"), file);
  const lock = `artifacts:\n  "${source}":\n    digest: ${digest}\n    size: ${model.length}\n    facts: { kind: model }\n`;
  writeFileSync(join(factories, "models.lock.yaml"), lock);
  shop.git("add", "-A");
  shop.git("commit", "-q", "-m", "a model");
  await releaseOf(shop, [one.plan, two.plan]);
  return shop;
}

async function fetchBlob(
  hub: TestHub,
  host: TestHost,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<Response> {
  const authorization = `Bearer ${await tokenOf(host)}`;
  const url = `${hub.url}/v1/blobs/sha256/${hexOf(digest)}`;
  return fetch(url, { method, headers: { authorization, ...headers } });
}

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

test("a model in the repository is served to the hosts whose plans name it, whole and in parts", async () => {
  const hub = await offeringHub(await repositoryWith(model));
  const [whole, again] = await Promise.all([fetchBlob(hub, one), fetchBlob(hub, one)]);
  expect(whole.headers.get("etag")).toBe(`"${digest}"`);
  expect((await bytesOf(whole)).equals(model)).toBe(true);
  expect((await bytesOf(again)).equals(model)).toBe(true);
  const part = await fetchBlob(hub, one, { range: "bytes=1000-" });
  expect([part.status, part.headers.get("content-range")]).toEqual([
    206,
    "bytes 1000-299999/300000",
  ]);
  expect((await bytesOf(part)).equals(model.subarray(1000))).toBe(true);
  const head = await fetchBlob(hub, one, {}, "HEAD");
  expect([head.status, head.headers.get("content-length")]).toEqual([200, "300000"]);
});

test("parts are given as asked for, and what is not understood gets the whole", async () => {
  const hub = await offeringHub(await repositoryWith(model));
  const asked = [
    [{ range: "bytes=0-0" }, 206, 1, "bytes 0-0/300000"],
    [{ range: "bytes=-5" }, 206, 5, "bytes 299995-299999/300000"],
    [{ range: "bytes=299999-999999" }, 206, 1, "bytes 299999-299999/300000"],
    [{ range: "bytes=5-1" }, 200, 300_000, null],
    [{ range: "lines=1-2" }, 200, 300_000, null],
    [{ range: "bytes=0-0", "if-range": '"another"' }, 200, 300_000, null],
    [{ range: "bytes=0-0", "if-range": `"${digest}"` }, 206, 1, "bytes 0-0/300000"],
    [{ "if-none-match": `"x", "${digest}"` }, 304, 0, null],
  ] as const;
  for (const [headers, ...expected] of asked) {
    const response = await fetchBlob(hub, one, headers);
    const { length } = await bytesOf(response);
    expect([response.status, length, response.headers.get("content-range")]).toEqual(expected);
  }
  const behind = await fetchBlob(hub, one, { range: "bytes=300000-" });
  expect([behind.status, behind.headers.get("content-range")]).toEqual([416, "bytes */300000"]);
});

test("a host gets no bytes that its own plan does not name, and nobody else gets any", async () => {
  const hub = await offeringHub(await repositoryWith(model));
  expect((await fetchBlob(hub, two)).status).toBe(404);
  expect((await fetchBlob(hub, hostOf("fra-1", { blobs }))).status).toBe(401);
  const url = `${hub.url}/v1/blobs/sha256/${"0".repeat(64)}`;
  const headers = { authorization: `Bearer ${await tokenOf(one)}` };
  expect((await fetch(url, { headers })).status).toBe(404);
});

test("bytes in git that are not what the lock says are never served, nor kept", async () => {
  const hub = await offeringHub(await repositoryWith(randomBytes(300_000)));
  const response = await fetchBlob(hub, one);
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ error: { code: "hub/not-the-locked" } });
  expect(readdirSync(join(hub.data, "blobs/sha256"))).toEqual([]);
  expect(readdirSync(join(hub.data, "blobs/partial"))).toEqual([]);
});

test("more bytes than the plan says are not read", async () => {
  const hub = await offeringHub(await repositoryWith(Buffer.concat([model, model])));
  expect(await (await fetchBlob(hub, one)).json()).toMatchObject({
    error: { code: "hub/too-large" },
  });
});

test("a lock that points out of factories/ leads nowhere", async () => {
  const hub = await offeringHub(await repositoryWith(model, "file:../outside.gguf"));
  expect((await fetchBlob(hub, one)).status).toBe(404);
});

test("a model that no plan names any more is deleted from the hub", async () => {
  const shop = await repositoryWith(model);
  const hub = await offeringHub(shop);
  await bytesOf(await fetchBlob(hub, one));
  const files = () => readdirSync(join(hub.data, "blobs/sha256"));
  expect(files()).toEqual([hexOf(digest)]);
  await releaseOf(shop, [{ ...one.plan, blobs: {} }]);
  await expect.poll(files).toEqual([]);
});
