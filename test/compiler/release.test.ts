import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import {
  initTrust,
  makeKeys,
  RELEASES,
  readPlan,
  readRevision,
  readRoots,
  release,
  verifyBranch,
} from "../../compiler/release/release.ts";
import {
  compiledOf,
  DAY,
  fileAt,
  forge,
  hostNamed,
  initialised,
  MINUTE,
  NOON,
  planFor,
  releaseOf,
  signal,
  sourceOf,
  workshop,
} from "./release-kit.ts";

test("init makes a branch that holds the root of trust and nothing else", async () => {
  const { trust, git, repository, keysDir } = await initialised();
  expect(git("ls-tree", "-r", "--name-only", RELEASES)).toBe("metadata/1.root.json");
  expect(readdirSync(keysDir).sort()).toEqual(["online.pem", "release.pem", "root.pem"]);
  expect(trust).toMatchObject({
    solo: true,
    trust: { version: 1, roles: { targets: { threshold: 1 } } },
  });
  expect(await readRevision(repository, RELEASES, signal)).toMatchObject({
    reason: "release/nothing-released",
  });
  expect(await readRoots(repository, RELEASES, signal)).toMatchObject({ ok: true });
});

test("init refuses a repository that has its trust already, here or at its origin, and makes no keys", async () => {
  const shop = await initialised();
  const again = { repository: shop.repository, keysDir: join(shop.folder, "other"), now: NOON };
  await expect(initTrust(again, signal)).rejects.toMatchObject({
    code: "release/already-initialised",
  });
  const clone = join(shop.folder, "clone");
  execFileSync("git", ["clone", "-q", shop.repository, clone]);
  await expect(initTrust({ ...again, repository: clone }, signal)).rejects.toMatchObject({
    code: "release/already-initialised",
  });
  expect(existsSync(again.keysDir)).toBe(false);
});

test("two releases are two commits, and the second brings only what changed", async () => {
  const shop = await initialised();
  const first = await releaseOf(shop, [planFor("a"), planFor("a-b"), planFor("c")]);
  expect(first).toMatchObject({
    kind: "published",
    number: 1,
    hosts: { added: ["a", "a-b", "c"] },
  });
  const second = await releaseOf(shop, [planFor("a"), planFor("a-b", 5_000), planFor("d")]);
  expect(second).toMatchObject({
    kind: "published",
    number: 2,
    hosts: { added: ["d"], changed: ["a-b"], removed: ["c"] },
  });
  expect(shop.git("rev-list", "--count", RELEASES)).toBe("3");
  expect(
    shop.git("diff", "--no-renames", "--name-status", `${RELEASES}^`, RELEASES).split("\n").sort(),
  ).toEqual([
    "A\tplans/d.json",
    "D\tplans/c.json",
    "M\tmetadata/targets.json",
    "M\tplans/a-b.json",
    "M\trevision.json",
  ]);
  const message = shop.git("log", "-1", "--format=%an <%ae> %at%n%B", RELEASES);
  expect(message).toContain(`Ada <ada@example.org> ${NOON / 1000}`);
  expect(message).toContain("mills: revision 2, 3 hosts of 3");
  expect(message).toContain(`Source-commit: ${shop.git("rev-parse", "main")}`);
});

test("a revision is read back from a bare clone as it was released", async () => {
  const shop = await initialised();
  const released = await releaseOf(shop, [planFor("a"), planFor("a-b")]);
  const mirror = join(shop.folder, "mirror.git");
  execFileSync("git", ["clone", "-q", "--mirror", shop.repository, mirror]);
  const reading = await readRevision(mirror, RELEASES, signal);
  if (!reading.ok) throw new Error(reading.message);
  expect(reading.value.revision.predicate).toMatchObject({
    number: 1,
    fleet: "mills",
    commit: shop.git("rev-parse", "main"),
    tree: shop.git("rev-parse", "main^{tree}"),
    compiler: "0.1.0",
    hosts: 2,
  });
  expect(reading.value.commit).toBe(released.commit);
  expect([...reading.value.plans.keys()]).toEqual(["a", "a-b"]);
  const plan = await readPlan(reading.value, hostNamed("a-b"), signal);
  expect(JSON.parse(String(plan))).toEqual(planFor("a-b"));
  expect(await readPlan(reading.value, hostNamed("z"), signal)).toBeUndefined();
});

test("the work tree, the index and the checked-out branch are not touched", async () => {
  const shop = await initialised();
  writeFileSync(join(shop.repository, "definitions.ts"), "edited\n");
  writeFileSync(join(shop.repository, "staged.ts"), "staged\n");
  shop.git("add", "staged.ts");
  const source = sourceOf(shop.git);
  const index = readFileSync(join(shop.repository, ".git/index"));
  const before = shop.git("status", "--porcelain", "--branch");
  const { repository, keysDir } = shop;
  await release(
    { repository, source, signer: { keysDir }, compiled: compiledOf([planFor("a")]), now: NOON },
    signal,
  );
  expect(readFileSync(join(shop.repository, ".git/index")).equals(index)).toBe(true);
  expect(shop.git("status", "--porcelain", "--branch")).toBe(before);
  expect(shop.git("for-each-ref", "--format=%(refname)").split("\n")).toEqual([
    "refs/heads/main",
    RELEASES,
  ]);
});

test("a release works without any git identity", async () => {
  const shop = await initialised();
  shop.git("config", "--unset", "user.name");
  shop.git("config", "--unset", "user.email");
  const source = sourceOf(shop.git);
  vi.stubEnv("HOME", shop.folder);
  vi.stubEnv("XDG_CONFIG_HOME", shop.folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const { repository, keysDir } = shop;
  await release(
    { repository, source, signer: { keysDir }, compiled: compiledOf([planFor("a")]), now: NOON },
    signal,
  );
  expect(shop.git("log", "-1", "--format=%an <%ae>", RELEASES)).toBe(
    "millwright <millwright@localhost>",
  );
});

test("releasing the same commit again is nothing new, until its signatures grow old", async () => {
  const shop = await initialised();
  const { repository, keysDir, git } = shop;
  const request = {
    repository,
    signer: { keysDir },
    source: sourceOf(git),
    compiled: compiledOf([planFor("a")]),
  };
  const first = await release({ ...request, now: NOON }, signal);
  const again = await release({ ...request, now: NOON + MINUTE }, signal);
  expect(again).toEqual({ kind: "unchanged", number: 1, root: first.root, commit: first.commit });
  const renewed = await release({ ...request, now: NOON + 61 * DAY }, signal);
  expect(renewed).toMatchObject({
    kind: "published",
    number: 2,
    root: first.root,
    hosts: { added: [], changed: [], removed: [] },
  });
});

test("a key that the root does not admit releases nothing", async () => {
  const shop = await initialised();
  const stranger = workshop();
  await makeKeys(stranger.keysDir);
  const before = shop.git("for-each-ref");
  await expect(
    releaseOf(shop, [planFor("a")], { signer: { keysDir: stranger.keysDir } }),
  ).rejects.toMatchObject({ code: "release/key-not-admitted" });
  expect(shop.git("for-each-ref", RELEASES)).toBe(before.split("\n").at(-1));
});

test("nothing is built on a branch head that nobody signed, nor on an expired root", async () => {
  const shop = await initialised();
  await releaseOf(shop, [planFor("a")]);
  const good = shop.git("rev-parse", RELEASES);
  const targets = JSON.parse(fileAt(shop, RELEASES, "metadata/targets.json").toString("utf8"));
  forge(shop, RELEASES, {
    "metadata/targets.json": JSON.stringify({ ...targets, signatures: [] }),
  });
  await expect(releaseOf(shop, [planFor("b")])).rejects.toMatchObject({
    code: "release/bad-signature",
  });
  shop.git("update-ref", RELEASES, good);
  await expect(releaseOf(shop, [planFor("b")], { now: NOON + 366 * DAY })).rejects.toMatchObject({
    code: "release/expired-root",
  });
  expect(shop.git("rev-parse", RELEASES)).toBe(good);
});

test("of two who release at the same time one wins and the other leaves no trace", async () => {
  const shop = await initialised();
  const both = [releaseOf(shop, [planFor("a")]), releaseOf(shop, [planFor("b")])];
  const ends = await Promise.allSettled(both);
  expect(shop.git("rev-list", "--count", RELEASES)).toBe(
    `${1 + ends.filter(({ status }) => status === "fulfilled").length}`,
  );
  for (const end of ends) {
    if (end.status === "rejected")
      expect(end.reason).toMatchObject({ code: "release/branch-moved" });
  }
  expect(await verifyBranch({ ...shop, ref: RELEASES, now: NOON }, signal)).toMatchObject({
    ok: true,
  });
});

test("a branch that is checked out is not pulled from under its work tree", async () => {
  const shop = await initialised();
  shop.git("worktree", "add", "-q", join(shop.folder, "look"), "releases");
  await expect(releaseOf(shop, [planFor("a")])).rejects.toMatchObject({
    code: "release/branch-checked-out",
  });
});

test("repositories of SHA-256 objects work the same", async () => {
  const shop = workshop("sha256");
  const { repository, keysDir } = shop;
  await initTrust({ repository, keysDir, now: NOON }, signal);
  await releaseOf(shop, [planFor("a"), planFor("b")]);
  const second = await releaseOf(shop, [planFor("a"), planFor("b", 1_000)]);
  expect(second).toMatchObject({ number: 2, hosts: { added: [], changed: ["b"], removed: [] } });
  expect(await verifyBranch({ repository, ref: RELEASES, now: NOON }, signal)).toMatchObject({
    ok: true,
  });
});

test("a release that is told to stop stops, and leaves the branch where it was", async () => {
  const shop = await initialised();
  const before = shop.git("rev-parse", RELEASES);
  const { repository, keysDir, git } = shop;
  const request = { repository, keysDir, source: sourceOf(git), now: NOON };
  const stopping = release(
    { ...request, compiled: compiledOf([planFor("a")]) },
    AbortSignal.timeout(5),
  );
  await expect(stopping).rejects.toThrow(/abort/i);
  expect(shop.git("rev-parse", RELEASES)).toBe(before);
});

test("a hook's environment does not lead the release into another repository", async () => {
  const shop = await initialised();
  const other = workshop();
  vi.stubEnv("GIT_DIR", join(other.repository, ".git"));
  vi.stubEnv("GIT_INDEX_FILE", join(other.repository, ".git/index"));
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const { repository, keysDir, git } = shop;
  const at = { commit: "1".repeat(40), tree: "2".repeat(40) };
  const compiled = compiledOf([planFor("a")]);
  const source = { repository: "mills", at };
  const released = await release(
    { repository, signer: { keysDir }, source, compiled, now: NOON },
    signal,
  );
  vi.unstubAllEnvs();
  expect(git("rev-parse", RELEASES)).toBe(released.commit);
  expect(other.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
});

test("a thousand hosts are released, and one of them changed, within seconds", async () => {
  const shop = await initialised();
  const plans = Array.from({ length: 1_000 }, (_, index) => planFor(`host-${index}`));
  await releaseOf(shop, plans);
  const second = await releaseOf(shop, [...plans.slice(1), planFor("host-0", 1_000)]);
  expect(second).toMatchObject({ kind: "published", hosts: { added: [], changed: ["host-0"] } });
  const verdict = await verifyBranch({ ...shop, ref: RELEASES, now: NOON }, signal);
  expect(verdict.ok && verdict.value.digests.size).toBe(1_000);
}, 20_000);
