import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalBytes, digestOf, hexOf, planTreeOf, publicKeyOf } from "@millwright/schema";
import { expect, test } from "vitest";
import type { Compiled } from "../../compiler/compile.ts";
import type { Stage } from "../../compiler/diagnostic/diagnostic.ts";
import {
  makeKeys,
  makeRoot,
  RELEASES,
  readRevision,
  type VerifyRequest,
  verifyBranch,
  verifyRecompiled,
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
  type Workshop,
  workshop,
} from "./release-kit.ts";

function verify({ repository }: Workshop, options: Partial<VerifyRequest> = {}) {
  return verifyBranch({ repository, ref: RELEASES, now: NOON, ...options }, signal);
}

const released = async () => {
  const shop = await initialised();
  await releaseOf(shop, [planFor("a"), planFor("b")]);
  return shop;
};

test("an honest revision passes, and says who signed and until when", async () => {
  const shop = await released();
  const verdict = await verify(shop, { pinned: shop.trust.fingerprint, lastAccepted: 1 });
  expect(verdict).toMatchObject({
    ok: true,
    value: { signers: [...shop.trust.trust.roles.targets.keys], expires: NOON + 90 * DAY },
  });
});

test("a plan that was changed by one byte, added or taken away is found", async () => {
  const shop = await released();
  const good = shop.git("rev-parse", RELEASES);
  const plan = fileAt(shop, RELEASES, "plans/a.json");
  const oneByte = Buffer.from(plan);
  oneByte[oneByte.indexOf("10000")] = 0x32;
  const attempts = [
    { "plans/a.json": oneByte },
    { "plans/a.json": Buffer.concat([plan, Buffer.from("\n")]) },
    { "plans/c.json": canonicalBytes(planFor("c")) },
    { "plans/b.json": undefined },
    { "plans/b.json": plan },
  ];
  for (const attempt of attempts) {
    shop.git("update-ref", RELEASES, good);
    forge(shop, RELEASES, attempt);
    expect(await verify(shop)).toMatchObject({ reason: "release/changed-plan" });
  }
});

test("what changed since an earlier look is found too, though the rest is not read again", async () => {
  const shop = await released();
  const before = await verify(shop);
  if (!before.ok) throw new Error(before.message);
  await releaseOf(shop, [planFor("a"), planFor("b", 1_000)]);
  const after = await verify(shop, { previous: before.value });
  expect(after.ok && after.value.tree.hosts).toEqual(["a", "b"]);
  forge(shop, RELEASES, { "plans/b.json": canonicalBytes(planFor("b", 2_000)) });
  expect(await verify(shop, { previous: before.value })).toMatchObject({
    reason: "release/changed-plan",
  });
});

test("a revision that says something else than what was signed is found", async () => {
  const shop = await released();
  const revision = JSON.parse(fileAt(shop, RELEASES, "revision.json").toString("utf8"));
  revision.predicate.commit = "0".repeat(40);
  forge(shop, RELEASES, { "revision.json": canonicalBytes(revision) });
  expect(await verify(shop)).toMatchObject({ reason: "release/changed-revision" });
});

test("the signature of someone whom the root does not admit counts for nothing", async () => {
  const shop = await released();
  const stranger = await makeKeys(workshop().keysDir);
  const other = await initialised();
  await releaseOf(other, [planFor("a"), planFor("b")]);
  // Everything of the other fleet but its root: properly signed, by the wrong people.
  forge(shop, RELEASES, {
    "revision.json": fileAt(other, RELEASES, "revision.json"),
    "metadata/targets.json": fileAt(other, RELEASES, "metadata/targets.json"),
  });
  expect(await verify(shop)).toMatchObject({ reason: "release/bad-signature" });
  expect(shop.trust.trust.roles.targets.keys).not.toContain(publicKeyOf(stranger.release));
});

test("one signature under two ids counts once, and an unsigned revision not at all", async () => {
  const keys = await makeKeys(workshop().keysDir);
  const shop = await initialised({ signers: [publicKeyOf(keys.release)], threshold: 2 });
  const pending = await releaseOf(shop, [planFor("a")]);
  shop.git("update-ref", RELEASES, pending.commit);
  expect(await verify(shop)).toMatchObject({ reason: "release/bad-signature" });
  const targets = JSON.parse(fileAt(shop, RELEASES, "metadata/targets.json").toString("utf8"));
  const [{ sig }] = targets.signatures;
  const root = JSON.parse(fileAt(shop, RELEASES, "metadata/1.root.json").toString("utf8"));
  const signatures = root.signed.roles.targets.keyids.map((keyid: string) => ({ keyid, sig }));
  forge(shop, RELEASES, { "metadata/targets.json": JSON.stringify({ ...targets, signatures }) });
  expect(await verify(shop)).toMatchObject({ reason: "release/bad-signature" });
  forge(shop, RELEASES, {
    "metadata/targets.json": JSON.stringify({ ...targets, signatures: [] }),
  });
  expect(await verify(shop)).toMatchObject({ reason: "release/bad-signature" });
});

test("an old revision on top of a newer one, or below what was seen, is rolled back", async () => {
  const shop = await released();
  const old = shop.git("rev-parse", RELEASES);
  await releaseOf(shop, [planFor("a"), planFor("b", 1_000)]);
  const tree = shop.git("rev-parse", `${old}^{tree}`);
  const replay = shop.git("commit-tree", tree, "-p", RELEASES, "-m", "replayed");
  expect(await verify(shop, { ref: replay })).toMatchObject({ reason: "release/rolled-back" });
  expect(await verify(shop, { ref: old })).toMatchObject({ ok: true });
  expect(await verify(shop, { ref: old, lastAccepted: 2 })).toMatchObject({
    reason: "release/rolled-back",
  });
});

test("a branch with a root of its own is not believed by those who pinned another", async () => {
  const shop = await released();
  const other = await released();
  expect(await verify(other, { pinned: shop.trust.fingerprint })).toMatchObject({
    reason: "release/untrusted-root",
  });
});

test("a new root counts only when the old one signs it", async () => {
  const shop = await released();
  const { root } = await makeKeys(workshop().keysDir);
  const old = createPrivateKey(readFileSync(join(shop.keysDir, "root.pem")));
  const good = shop.git("rev-parse", RELEASES);
  const { roles } = shop.trust.trust;
  const moved = { ...roles, root: { keys: [publicKeyOf(root)], threshold: 1 } };
  const tryRoot = async (version: number, signers: Parameters<typeof makeRoot>[1]) => {
    shop.git("update-ref", RELEASES, good);
    const bytes = makeRoot({ version, roles: moved }, signers, NOON);
    forge(shop, RELEASES, { "metadata/2.root.json": bytes });
    return verify(shop, { pinned: shop.trust.fingerprint });
  };
  expect(await tryRoot(2, [root])).toMatchObject({ reason: "release/broken-root-chain" });
  expect(await tryRoot(2, [old])).toMatchObject({ reason: "release/broken-root-chain" });
  expect(await tryRoot(3, [old, root])).toMatchObject({ reason: "release/broken-root-chain" });
  expect(await tryRoot(2, [old, root])).toMatchObject({ ok: true });
});

test("a root that lists one key under two ids is no sound root", async () => {
  const shop = await released();
  const old = createPrivateKey(readFileSync(join(shop.keysDir, "root.pem")));
  const { roles } = shop.trust.trust;
  const bytes = makeRoot({ version: 2, roles }, [old], NOON);
  const root = JSON.parse(bytes.toString("utf8"));
  const [id] = root.signed.roles.targets.keyids;
  const twin = "f".repeat(64);
  root.signed.keys[twin] = root.signed.keys[id];
  root.signed.roles.targets = { keyids: [id, twin], threshold: 2 };
  root.signatures[0].sig = sign(null, canonicalBytes(root.signed), old).toString("hex");
  forge(shop, RELEASES, { "metadata/2.root.json": canonicalBytes(root) });
  expect(await verify(shop)).toMatchObject({
    reason: "release/broken-root-chain",
    message: expect.stringContaining("no sound root"),
  });
});

test("signatures end: those of people after 90 days, those of the root after a year", async () => {
  const shop = await released();
  expect(await verify(shop, { now: NOON + 89 * DAY })).toMatchObject({ ok: true });
  expect(await verify(shop, { now: NOON + 90 * DAY })).toMatchObject({ reason: "release/expired" });
  expect(await verify(shop, { now: NOON + 365 * DAY })).toMatchObject({
    reason: "release/expired-root",
  });
});

test("signed plans that are no good plans are named with their host", async () => {
  const shop = await initialised();
  const compiled = compiledOf([planFor("a")]);
  const variants = [
    ["release/not-canonical", Buffer.from(JSON.stringify(planFor("a"), null, 1))],
    ["release/other-host", canonicalBytes(planFor("b"))],
    ["release/bad-plan", canonicalBytes({ ...planFor("a"), surprise: true })],
    ["release/bad-plan", Buffer.from("no JSON")],
  ] as const;
  for (const [reason, bytes] of variants) {
    const [host] = [...compiled.plans.keys()];
    if (host === undefined) throw new Error("no host");
    const digest = digestOf(bytes);
    await releaseOf(shop, [], {
      compiled: {
        ...compiled,
        plans: new Map([[host, { plan: planFor("a"), bytes, digest }]]),
        tree: planTreeOf(new Map([[host, digest]])),
      },
    });
    expect(await verify(shop)).toMatchObject({ reason, hosts: ["a"] });
  }
});

test("files that are missing, too large, or no plain files are malformed", async () => {
  const shop = await released();
  const good = shop.git("rev-parse", RELEASES);
  const attempts = [
    { "metadata/1.root.json": undefined },
    { "revision.json": undefined },
    { "revision.json": "{}" },
    { "revision.json": " ".repeat(70_000) },
    { "metadata/targets.json": undefined },
    { "metadata/targets.json": "[]" },
    { "metadata/targets.json": "[".repeat(200_000) },
    { "plans/A.json": "{}" },
    { "plans/sub/a.json": "{}" },
  ];
  for (const attempt of attempts) {
    shop.git("update-ref", RELEASES, good);
    forge(shop, RELEASES, attempt);
    expect(await verify(shop)).toMatchObject({ reason: "release/malformed" });
  }
  shop.git("branch", "-D", "releases");
  expect(await verify(shop)).toMatchObject({ reason: "release/no-branch" });
  expect(await readRevision(shop.repository, "--all", signal)).toMatchObject({ ok: false });
});

test("recompiling the commit gives the same root, or names the hosts that differ", async () => {
  const shop = await initialised();
  const compiled = compiledOf([planFor("a"), planFor("b")]);
  await releaseOf(shop, [], { compiled });
  const verdict = await verify(shop);
  if (!verdict.ok) throw new Error(verdict.message);
  const { repository, git } = shop;
  const again = (stage: Stage<Compiled>) =>
    verifyRecompiled(repository, verdict.value, async () => stage, signal);
  const passed = (value: Compiled) => ({ ok: true, value, warnings: [] }) as const;
  expect(await again(passed(compiled))).toEqual({
    ok: true,
    value: { number: 1, commit: git("rev-parse", "main"), root: compiled.tree.root, hosts: 2 },
  });
  const other = compiledOf([planFor("a"), planFor("b", 1_000), planFor("c")]);
  expect(await again(passed(other))).toMatchObject({
    reason: "release/wrong-root",
    hosts: ["b", "c"],
  });
  const certificate = () => ({ ...compiled.proved.certificate(), graph: digestOf("another") });
  const proved = { ...compiled.proved, certificate };
  expect(await again(passed({ ...compiled, proved }))).toMatchObject({
    reason: "release/false-statement",
    message: expect.stringContaining("another proof of where data goes"),
  });
  const lock = hexOf(digestOf("another lock"));
  expect(await again(passed({ ...compiled, lock }))).toMatchObject({
    reason: "release/false-statement",
  });
  const problem = {
    code: "check/duplicate-name",
    severity: "error",
    message: "Two hosts a.",
    at: undefined,
  } as const;
  expect(await again({ ok: false, problems: [problem] })).toMatchObject({
    reason: "release/does-not-compile",
  });
});
