import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readCommit } from "../../compiler/source/source.ts";

const signal = new AbortController().signal;

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "millwright-listing-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function git(folder: string, input: string | undefined, ...args: readonly string[]): string {
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
  return execFileSync("git", ["-C", folder, ...who, ...args], { input: input ?? "" })
    .toString()
    .trim();
}

/** A commit whose factories/ is this tree. */
function commitOf(folder: string, tree: string): string {
  const root = git(folder, `040000 tree ${tree}\tfactories\n`, "mktree");
  return git(folder, undefined, "commit-tree", "-m", "bomb", root);
}

/** Each folder holds the one before a hundred times. */
function folded(folder: string, leaf: string, depth: number): string {
  let tree = leaf;
  for (let level = 0; level < depth; level += 1) {
    const lines = Array.from({ length: 100 }, (_, at) => `040000 tree ${tree}\tf${at}\n`);
    tree = git(folder, lines.join(""), "mktree");
  }
  return tree;
}

const tooMuch = { code: "source/too-much", message: expect.stringContaining("200,000") };

test("a handful of objects that stand for billions of files are refused, whatever is in them", async () => {
  const folder = temporary();
  git(folder, undefined, "init", "-q");
  const blob = git(folder, "no definition", "hash-object", "-w", "--stdin");
  const files = git(folder, `100644 blob ${blob}\ta.gguf\n`, "mktree");
  const empty = git(folder, "", "mktree");
  for (const leaf of [files, empty]) {
    const commit = commitOf(folder, folded(folder, leaf, 5));
    await expect(readCommit(folder, commit, signal)).rejects.toMatchObject(tooMuch);
  }
});

test("names without an end are refused", async () => {
  const folder = temporary();
  git(folder, undefined, "init", "-q");
  const blob = git(folder, "", "hash-object", "-w", "--stdin");
  const name = "n".repeat(1_000_000);
  const lines = Array.from({ length: 60 }, (_, at) => `100644 blob ${blob}\t${name}${at}.ts\n`);
  const commit = commitOf(folder, git(folder, lines.join(""), "mktree"));
  await expect(readCommit(folder, commit, signal)).rejects.toMatchObject(tooMuch);
});

test("a folder that git has lost is a failure, not an empty folder", async () => {
  const folder = temporary();
  git(folder, undefined, "init", "-q");
  const missing = "1".repeat(40);
  const tree = git(folder, `040000 tree ${missing}\tinner\n`, "mktree", "--missing");
  await expect(readCommit(folder, commitOf(folder, tree), signal)).rejects.toMatchObject({
    code: "source/object-missing",
  });
});

test("an abort amid the listing ends it", async () => {
  const folder = temporary();
  git(folder, undefined, "init", "-q");
  const commit = commitOf(folder, folded(folder, git(folder, "", "mktree"), 5));
  const stop = new AbortController();
  const reading = readCommit(folder, commit, stop.signal);
  setTimeout(() => stop.abort(), 15);
  await expect(reading).rejects.toThrow(/abort/i);
});
