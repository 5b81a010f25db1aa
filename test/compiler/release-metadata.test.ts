import { canonicalBytes, digestOf, publicKeyOf } from "@millwright/schema";
import { TrustedMetadataStore } from "tuf-js/dist/store.js";
import { expect, test } from "vitest";
import {
  makeKeys,
  onlineMetadata,
  RELEASES,
  readKeys,
  readRevision,
  rootFingerprint,
} from "../../compiler/release/release.ts";
import { DAY, initialised, NOON, planFor, releaseOf, signal, workshop } from "./release-kit.ts";

/** A released fleet, and what its hub would sign. */
async function served(now: number) {
  const shop = await initialised({ now });
  await releaseOf(shop, [planFor("a")], { now });
  const reading = await readRevision(shop.repository, RELEASES, signal);
  const { online } = await readKeys(shop.keysDir);
  const root = reading.ok ? reading.value.roots.at(-1) : undefined;
  if (!reading.ok || root === undefined || online === undefined) throw new Error("not released");
  const { targets, number, revisionBytes } = reading.value;
  const request = { root, targetsBytes: targets, targetsVersion: number, onlineKey: online, now };
  return { ...shop, request, revisionBytes };
}

test("an agent's store accepts root, timestamp, snapshot and targets, and the revision is their target", async () => {
  // The store asks the system for the time.
  const { request, revisionBytes, trust } = await served(Date.now());
  const { timestamp, snapshot, names } = onlineMetadata(request);
  const store = new TrustedMetadataStore(request.root);
  store.updateTimestamp(timestamp);
  store.updateSnapshot(snapshot);
  store.updateDelegatedTargets(Buffer.from(request.targetsBytes), "targets", "root");
  const target = store.targets?.signed.targets["revision.json"];
  expect(target?.length).toBe(revisionBytes.length);
  const { sha256 } = target?.hashes ?? {};
  expect(`sha256:${sha256}`).toBe(digestOf(revisionBytes));
  expect(Object.keys(store.targets?.signed.targets ?? {})).toEqual(["revision.json"]);
  expect(names).toEqual({
    timestamp: "timestamp.json",
    snapshot: "1.snapshot.json",
    targets: "1.targets.json",
  });
  expect(store.root.signed.consistentSnapshot).toBe(true);
  expect(rootFingerprint(request.root)).toBe(trust.fingerprint);
});

test("a hub that lost everything signs the same snapshot again, and a timestamp that is never lower", async () => {
  const { request } = await served(NOON);
  const first = onlineMetadata(request);
  expect(onlineMetadata(request)).toEqual(first);
  const later = onlineMetadata({ ...request, now: NOON + 5_000 });
  expect(later.snapshot.equals(first.snapshot)).toBe(true);
  expect(later.timestampVersion).toBe(NOON / 1000 + 5);
  expect(later.expires).toBe(NOON + 5_000 + DAY);
  const sameSecond = onlineMetadata({ ...request, after: first.timestampVersion });
  expect(sameSecond.timestampVersion).toBe(first.timestampVersion + 1);
});

test("an agent holds on to a newer timestamp", async () => {
  const { request } = await served(Date.now());
  const store = new TrustedMetadataStore(request.root);
  store.updateTimestamp(onlineMetadata({ ...request, after: 2 ** 40 }).timestamp);
  expect(() => store.updateTimestamp(onlineMetadata(request).timestamp)).toThrow(/less than/);
});

test("a hub hears at once that its key is not the one the root admits", async () => {
  const { request } = await served(NOON);
  const stranger = await makeKeys(workshop().keysDir);
  expect(() => onlineMetadata({ ...request, onlineKey: stranger.online })).toThrow(
    expect.objectContaining({ code: "release/wrong-online-key" }),
  );
});

test("metadata is canonical JSON, and a key's id is the digest of the key", async () => {
  const { request, keysDir } = await served(NOON);
  const files = [request.root, request.targetsBytes, onlineMetadata(request).timestamp];
  for (const bytes of files) {
    const value = JSON.parse(Buffer.from(bytes).toString("utf8"));
    expect(canonicalBytes(value).equals(bytes)).toBe(true);
  }
  const { signed } = JSON.parse(Buffer.from(request.root).toString("utf8"));
  for (const [id, key] of Object.entries(signed.keys)) {
    expect(`sha256:${id}`).toBe(digestOf(canonicalBytes(key)));
  }
  const { release } = await readKeys(keysDir);
  if (release === undefined) throw new Error("no key");
  const [id] = signed.roles.targets.keyids;
  const hex = Buffer.from(publicKeyOf(release).slice(8), "base64url").toString("hex");
  expect(signed.keys[id].keyval.public).toBe(hex);
});
