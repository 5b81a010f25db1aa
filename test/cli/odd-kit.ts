/** Repositories as they are found in the wild, and what the command line makes of each: of the folder, and of the commit. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { committed, gitIn, millwright } from "./cli-kit.ts";

/** Exit code and codes of what was found, in order; the code of a failure of the world alone. */
export interface Outcome {
  readonly exit: number;
  readonly codes: readonly string[];
}

/** What `check` and `plan` make of a folder as it lies, and of a commit. */
export interface Outcomes {
  readonly folder: Outcome;
  readonly commit: Outcome;
}

interface Answer {
  readonly diagnostics?: readonly { readonly code: string }[];
  readonly error?: { readonly code: string };
}

export async function outcome(folder: string, ...argv: readonly string[]): Promise<Outcome> {
  const said = await millwright(folder, ...argv, "--json");
  const { diagnostics = [], error } = said.json() as Answer;
  const codes = error === undefined ? diagnostics.map(({ code }) => code) : [error.code];
  return { exit: said.code, codes };
}

/** The same for both, or it throws: `plan` ends as `check` does. */
export async function outcomes(folder: string, revision = "HEAD"): Promise<Outcomes> {
  const lying = await outcome(folder, "check", "--worktree");
  const committed = await outcome(folder, "check", "--no-types", "--at", revision);
  for (const [checked, ...argv] of [
    [lying, "plan", "--worktree"],
    [committed, "plan", "--at", revision],
  ] as const) {
    const planned = await outcome(folder, ...argv);
    if (planned.exit !== checked.exit)
      throw new Error(`${argv.join(" ")} ends with ${planned.exit}, check with ${checked.exit}`);
  }
  return { folder: lying, commit: committed };
}

/** The root over the plans of a folder or a commit. */
export async function rootOf(folder: string, ...argv: readonly string[]): Promise<unknown> {
  const said = await millwright(folder, "plan", "--json", ...argv);
  if (said.code !== 0) throw new Error(`plan ends with ${said.code}: ${said.out}`);
  return (said.json() as { readonly root: string }).root;
}

/** Both see the same. */
export function alike(exit: number, ...codes: readonly string[]): Outcomes {
  return { folder: { exit, codes }, commit: { exit, codes } };
}

type Content = string | Uint8Array;

export function write(folder: string, files: Readonly<Record<string, Content>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** The example with something else in it, committed. */
export function withFiles(files: Readonly<Record<string, Content>>): string {
  const folder = committed();
  write(folder, files);
  return commit(folder);
}

export function commit(folder: string): string {
  const git = gitIn(folder);
  git("add", ".");
  git("commit", "-q", "--allow-empty", "-m", "odd");
  return folder;
}

/** The command line as a process of its own, in an environment of its own. */
export function asProcess(
  folder: string,
  env: Readonly<Record<string, string>>,
  ...argv: readonly string[]
): { readonly exit: number; readonly out: string } {
  const main = join(import.meta.dirname, "../../compiler/cli/millwright.ts");
  const settings = { cwd: folder, env: { ...process.env, ...env }, encoding: "utf8" } as const;
  try {
    const out = execFileSync(process.execPath, [main, ...argv], { ...settings, stdio: "pipe" });
    return { exit: 0, out };
  } catch (error) {
    const { status, stdout } = error as { readonly status: number; readonly stdout: string };
    return { exit: status, out: stdout };
  }
}
