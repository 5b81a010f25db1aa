import { publicKeyOf } from "@millwright/schema";
import { expect, test } from "vitest";
import {
  makeKeys,
  PENDING,
  RELEASES,
  readPending,
  release,
  sign,
  verifyBranch,
} from "../../compiler/release/release.ts";
import {
  compiledOf,
  DAY,
  fileAt,
  forge,
  initialised,
  NOON,
  planFor,
  releaseOf,
  signal,
  sourceOf,
  workshop,
} from "./release-kit.ts";

test("with two signers of three, the branch moves only when the second has signed", async () => {
  const bea = workshop();
  const cyd = workshop();
  const beaKeys = await makeKeys(bea.keysDir);
  const cydKeys = await makeKeys(cyd.keysDir);
  const signers = [publicKeyOf(beaKeys.release), publicKeyOf(cydKeys.release)];
  const shop = await initialised({ signers, threshold: 2 });
  const { repository, git } = shop;
  const before = git("rev-parse", RELEASES);
  const pending = await releaseOf(shop, [planFor("a"), planFor("b")]);
  expect(pending).toMatchObject({ kind: "pending", number: 1, missing: 1 });
  expect(git("rev-parse", RELEASES)).toBe(before);
  // One person is one signature, however often she signs.
  await expect(
    sign({ repository, signer: { keysDir: shop.keysDir }, now: NOON }, signal),
  ).rejects.toMatchObject({
    code: "release/already-signed",
  });
  expect(await verifyBranch({ repository, ref: PENDING, now: NOON }, signal)).toMatchObject({
    reason: "release/bad-signature",
  });
  expect((await readPending({ repository, now: NOON }, signal)).published.number).toBe(1);
  const done = await sign(
    { repository, signer: { keysDir: cyd.keysDir }, now: NOON + DAY },
    signal,
  );
  expect(done).toMatchObject({ kind: "published", number: 1, root: pending.root });
  expect(done.signers).toHaveLength(2);
  expect(git("for-each-ref", PENDING)).toBe("");
  expect(git("rev-parse", `${RELEASES}^`)).toBe(before);
  const verified = await verifyBranch({ repository, ref: RELEASES, now: NOON + DAY }, signal);
  expect(verified).toMatchObject({ ok: true });
  await expect(
    sign({ repository, signer: { keysDir: bea.keysDir }, now: NOON }, signal),
  ).rejects.toMatchObject({
    code: "release/nothing-pending",
  });
});

test("an unfinished release is not thrown away unasked, goes on when released again, and is outdated by another", async () => {
  const bea = workshop();
  const keys = await makeKeys(bea.keysDir);
  const shop = await initialised({ signers: [publicKeyOf(keys.release)], threshold: 2 });
  const { repository } = shop;
  await releaseOf(shop, [planFor("a")]);
  await expect(releaseOf(shop, [planFor("b")])).rejects.toMatchObject({
    code: "release/another-pending",
  });
  const mine = await releaseOf(shop, [planFor("b")], { replace: true });
  expect(mine).toMatchObject({ kind: "pending", number: 1, hosts: { added: ["b"] } });
  const stale = shop.git("rev-parse", PENDING);
  const request = { repository, source: sourceOf(shop.git), compiled: compiledOf([planFor("b")]) };
  const joined = await release({ ...request, signer: { keysDir: bea.keysDir }, now: NOON }, signal);
  expect(joined).toMatchObject({ kind: "published", number: 1, root: mine.root });
  shop.git("update-ref", PENDING, stale);
  await expect(
    sign({ repository, signer: { keysDir: bea.keysDir }, now: NOON }, signal),
  ).rejects.toMatchObject({
    code: "release/pending-outdated",
  });
});

test("nobody signs a pending release whose plans or root of trust were exchanged", async () => {
  const bea = workshop();
  const keys = await makeKeys(bea.keysDir);
  const shop = await initialised({ signers: [publicKeyOf(keys.release)], threshold: 2 });
  const { repository, git } = shop;
  await releaseOf(shop, [planFor("a")]);
  const honest = git("rev-parse", PENDING);
  const asPending = (files: Record<string, Uint8Array | string>) => {
    git("update-ref", PENDING, honest);
    forge(shop, PENDING, files);
    const tree = git("rev-parse", `${PENDING}^{tree}`);
    git("update-ref", PENDING, git("commit-tree", tree, "-p", RELEASES, "-m", "forged"));
  };
  const signing = () => sign({ repository, signer: { keysDir: bea.keysDir }, now: NOON }, signal);
  asPending({ "plans/a.json": Buffer.from(JSON.stringify(planFor("a", 1))) });
  await expect(signing()).rejects.toMatchObject({ code: "release/changed-plan" });
  const other = await initialised();
  asPending({ "metadata/1.root.json": fileAt(other, RELEASES, "metadata/1.root.json") });
  await expect(signing()).rejects.toMatchObject({ code: "release/untrusted-root" });
  git("update-ref", PENDING, honest);
  expect(await signing()).toMatchObject({ kind: "published" });
});
