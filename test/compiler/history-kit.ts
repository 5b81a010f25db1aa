/** Repositories in temporary folders, with commits a minute apart, and what git is asked of them. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { env } from "node:process";
import { onTestFinished } from "vitest";
import { type LineRange, type Origin, originsOf } from "../../compiler/history/history.ts";

export const never: AbortSignal = new AbortController().signal;

export function temporary(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "millwright-history-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function git(folder: string, ...args: readonly string[]): string {
  const always = ["-C", folder, "-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
  return execFileSync("git", [...always, "-c", "protocol.file.allow=always", ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Seconds: when the last commit was made. */
export let clock: number = Date.parse("2026-11-23T12:00:00Z") / 1_000;

/** Commits all that lies in the folder, a minute after the last commit; gives the id. */
export function commit(folder: string, subject: string, author = "Ada <ada@example.org>"): string {
  clock += 60;
  git(folder, "add", "-A");
  execFileSync(
    "git",
    ["-C", folder, "commit", "-q", "--allow-empty", `--author=${author}`, "-m", subject],
    {
      env: {
        ...env,
        GIT_AUTHOR_DATE: `${clock} +0200`,
        GIT_COMMITTER_DATE: `${clock} +0200`,
        GIT_COMMITTER_NAME: "Ada",
        GIT_COMMITTER_EMAIL: "ada@example.org",
      },
    },
  );
  return git(folder, "rev-parse", "HEAD");
}

/** An empty repository. */
export function repository(): string {
  const folder = temporary();
  git(folder, "init", "-q", "-b", "main");
  return folder;
}

export const file = "factories/a.ts";
export const three: Readonly<Record<string, string>> = { [file]: "one\ntwo\nthree\n" };

/** One line of a file, or several. */
export function lines(
  firstLine: number,
  lastLine: number = firstLine,
  of: string = file,
): LineRange {
  return { file: of, firstLine, lastLine };
}

export async function subjects(
  folder: string,
  at: string | undefined,
  ...ranges: readonly LineRange[]
): Promise<readonly string[]> {
  return (await originsOf(folder, at, ranges, never)).map(shown);
}

function shown(origin: Origin): string {
  if (origin.kind === "commit") return origin.authorship.subject;
  return origin.kind === "unknown" ? `unknown: ${origin.why}` : origin.kind;
}
