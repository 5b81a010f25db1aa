import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { committed, example, gitIn, millwright, temporary } from "./cli-kit.ts";
import {
  alike,
  asProcess,
  commit,
  outcome,
  outcomes,
  rootOf,
  withFiles,
  write,
} from "./odd-kit.ts";

const sound = alike(0);

describe("repositories in odd states", () => {
  const failed = (code: string) => ({ exit: 3, codes: [code] });

  test("without commits: the folder is read, a commit is not there", async () => {
    const folder = example();
    gitIn(folder)("init", "-q");
    expect(await outcomes(folder)).toEqual({
      folder: sound.folder,
      commit: failed("source/no-such-revision"),
    });
    expect((await millwright(folder, "plan")).err).toContain("no commits yet");
  });

  test("a shallow clone: its commit is read, an older one is told how to get", async () => {
    const folder = commit(committed());
    const clone = join(temporary(), "clone");
    gitIn(folder)("clone", "-q", "--depth", "1", `file://${folder}`, clone);
    expect(await outcomes(clone)).toEqual(sound);
    expect(await outcome(clone, "plan", "--at", "HEAD~1")).toEqual(
      failed("source/no-such-revision"),
    );
    expect((await millwright(clone, "plan", "--at", "HEAD~1")).err).toContain("--unshallow");
  });

  test("a missing ref, and what only looks like one", async () => {
    const folder = committed();
    for (const ref of ["nowhere", "HEAD~9", "--all", "HEAD:factories", "main:", "@{u}", "🧵", ""])
      expect([ref, await outcome(folder, "check", `--at=${ref}`)]).toEqual([
        ref,
        failed("source/no-such-revision"),
      ]);
  });

  test("no repository, no folder, a file, and factories/ as a file", async () => {
    const folder = temporary();
    write(folder, { file: "", "plain/factories": "a file" });
    for (const repo of [".", "missing", "file", "plain"]) {
      const at = await outcome(folder, "check", "--repo", repo, "--at", "HEAD");
      expect([repo, at]).toEqual([repo, failed("source/no-repository")]);
      const lying = await outcome(folder, "check", "--repo", repo);
      expect([repo, lying]).toEqual([repo, failed("source/no-factories")]);
    }
  });

  test("a bare one, one of SHA-256, and a second work tree", async () => {
    const folder = committed();
    const root = await rootOf(folder);
    const bare = join(temporary(), "bare.git");
    gitIn(folder)("clone", "-q", "--bare", folder, bare);
    expect(await rootOf(bare, "--at", "main")).toBe(root);
    expect(await outcome(bare, "check")).toEqual(failed("source/no-factories"));

    const other = join(temporary(), "other");
    gitIn(folder)("worktree", "add", "-q", "--detach", other);
    expect(await rootOf(other)).toBe(root);

    const modern = example();
    gitIn(modern)("init", "-q", "--object-format=sha256");
    const said = await millwright(commit(modern), "plan", "--json");
    expect(said.json()).toMatchObject({ commit: expect.stringMatching(/^[0-9a-f]{64}$/), root });
  });

  test("objects that a clone replaces: a commit's id means the same everywhere", async () => {
    const folder = committed();
    const root = await rootOf(folder);
    const first = gitIn(folder)("rev-parse", "HEAD");
    rmSync(join(folder, "factories/reporting.yaml"));
    commit(folder);
    gitIn(folder)("replace", first, "HEAD");
    expect(await rootOf(folder, "--at", first)).toBe(root);
  });

  test("what the environment says of another repository is not heeded", async () => {
    const folder = committed();
    const other = withFiles({ "factories/broken.yaml": "kind: nothing\n" });
    const hook = { GIT_DIR: join(other, ".git"), GIT_WORK_TREE: other, GIT_INDEX_FILE: "x" };
    const argv = ["check", "--no-types", "--json", "--at", "HEAD"];
    expect(asProcess(folder, hook, ...argv)).toMatchObject({ exit: 0 });
  });

  test("one that belongs to somebody else, and a machine without git", async () => {
    const folder = committed();
    const argv = ["check", "--json", "--at", "HEAD"];
    // Git's own way to play it.
    const theirs = asProcess(folder, { GIT_TEST_ASSUME_DIFFERENT_OWNER: "1" }, ...argv);
    expect([theirs.exit, JSON.parse(theirs.out)]).toMatchObject([
      3,
      { error: { code: "source/not-trusted", message: expect.stringContaining("safe.directory") } },
    ]);
    const without = asProcess(folder, { PATH: "/nowhere" }, ...argv);
    expect([without.exit, JSON.parse(without.out)]).toMatchObject([
      3,
      { error: { code: "source/no-git" } },
    ]);
    const lying = asProcess(folder, { PATH: "/nowhere" }, "check", "--no-types", "--json");
    expect(lying.exit).toBe(0);
  });

  test("whose name would move a terminal's cursor: the failure that quotes it does not", async () => {
    const { err } = await millwright(temporary(), "check", "--repo", "no\u001b[2Jwhere");
    expect(err).toMatch(/^error\[source\/no-factories\]: .*no\ufffd\[2Jwhere/);
  });
});
