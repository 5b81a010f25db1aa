import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { textOf } from "../../compiler/diagnostic/diagnostic.ts";
import { readBlobAt, readCommit } from "../../compiler/source/source.ts";

const never = new AbortController().signal;
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millwright-source-"));
  await mkdir(join(folder, "factories/inner"), { recursive: true });
  await writeFile(join(folder, "factories/inner/a.ts"), "export const a = 1;\n");
  await writeFile(join(folder, "factories/large.gguf"), Buffer.alloc(8 * 1024 ** 2));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: folder });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "first");
  git("remote", "add", "origin", "https://someone:p@ss@host.example/fleet.git");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("a remote's credentials never get into a compilation, whatever the password holds", async () => {
  const { repository } = await readCommit(folder, "HEAD", never);
  expect(repository).toBe("https://host.example/fleet.git");
});

test("a download that is broken off ends its stream, not the process", async () => {
  const stop = new AbortController();
  const blob = await readBlobAt(folder, "HEAD", "factories/large.gguf", stop.signal);
  const failed = blob === undefined ? undefined : once(blob.content, "error");
  blob?.content.once("data", () => stop.abort());
  expect(await failed).toEqual([expect.objectContaining({ name: "AbortError" })]);
});

test("a folder's path leads to no file", async () => {
  expect(await readBlobAt(folder, "HEAD", "factories/inner/", never)).toBeUndefined();
  expect((await readBlobAt(folder, "HEAD", "factories/inner/a.ts", never))?.size).toBe(20);
});

test("a revision that looks like an option is a revision that does not exist", async () => {
  const reading = readBlobAt(folder, "--name-only", "factories/inner/a.ts", never);
  await expect(reading).rejects.toMatchObject({ code: "source/no-such-revision" });
});

test("what a hostile file says never reaches the terminal as control characters", () => {
  const hostile = "\u001b[2Jx";
  const at = { file: `${hostile}.ts`, start: 0, end: 1 };
  const shown = textOf(
    [
      {
        code: "check/unknown-name",
        severity: "error",
        message: hostile,
        at,
        cure: hostile,
        also: [{ message: hostile, at }],
      },
    ],
    new Map([[at.file, Buffer.from(hostile)]]),
  );
  expect(shown).not.toContain("\u001b");
});
