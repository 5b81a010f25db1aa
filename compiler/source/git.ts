import { type ChildProcessByStdio, spawn } from "node:child_process";
import { env } from "node:process";
import type { Readable, Writable } from "node:stream";
import { type SimpleGit, simpleGit } from "simple-git";
import { Failure } from "../failure.ts";

/** The user's own git in a folder. Throws Failure when the folder is no repository. */
export async function gitIn(repository: string, signal: AbortSignal): Promise<SimpleGit> {
  let git: SimpleGit;
  try {
    git = simpleGit(repository, { abort: signal, timeout: { block: 60_000 } });
    await git.revparse(["--git-dir"]);
  } catch (cause) {
    signal.throwIfAborted();
    throw new Failure(
      "source/no-repository",
      `${repository} is no git repository. Run git init there, or name another with --repo.`,
      { cause },
    );
  }
  return git;
}

/** A git process that is talked to: what simple-git has no form for. Arguments never pass a shell. */
export function startGit(
  repository: string,
  args: readonly string[],
  signal: AbortSignal,
): ChildProcessByStdio<Writable, Readable, null> {
  return spawn("git", args, {
    cwd: repository,
    env: { ...env, GIT_OPTIONAL_LOCKS: "0" },
    stdio: ["pipe", "pipe", "ignore"],
    signal,
  });
}
