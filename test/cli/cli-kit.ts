/** The command line called as a function, in a repository and a home of its own. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { run } from "../../compiler/cli/cli.ts";

export const NOON: number = Date.parse("2026-11-23T12:00:00Z");

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What stands on stdout, read as JSON. */
  json(): unknown;
}

/** Runs one command in a folder, with a clock that stands at noon and a home inside the folder's parent. */
export function millwright(cwd: string, ...argv: readonly string[]): Promise<Said> {
  return millwrightAs({}, cwd, ...argv);
}

/** The same, with more in the environment. */
export async function millwrightAs(
  env: Readonly<Record<string, string>>,
  cwd: string,
  ...argv: readonly string[]
): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(argv, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    interactive: false,
    env: { HOME: join(cwd, "..", "home"), ...env },
    cwd,
    signal: new AbortController().signal,
    now: () => NOON,
  });
  return { code, out: out.join(""), err: err.join(""), json: () => JSON.parse(out.join("")) };
}

/** A temporary folder that goes when the test ends. */
export function temporary(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "millwright-cli-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function gitIn(folder: string): (...args: readonly string[]) => string {
  return (...args) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=Ada", "-c", "user.email=a@a", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
}

/** A folder that holds a copy of the example's definitions and models. */
export function example(): string {
  const folder = join(temporary(), "mills");
  cpSync(join(import.meta.dirname, "../../factories"), join(folder, "factories"), {
    recursive: true,
    filter: (path) => !path.endsWith("node_modules"),
  });
  return folder;
}

/** The example, committed. */
export function committed(): string {
  const folder = example();
  const git = gitIn(folder);
  git("init", "-q", "-b", "main");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.org");
  git("add", ".");
  git("commit", "-q", "-m", "definitions");
  return folder;
}

/** Writes one broken definition into a repository. */
export function breakIt(folder: string): void {
  writeFileSync(
    join(folder, "factories/broken.yaml"),
    "kind: model\nname: broken\nsource: file:models/mail-triage.gguf\nsmok: 1\n",
  );
}
