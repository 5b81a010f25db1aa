import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { env } from "node:process";
import type { Readable, Writable } from "node:stream";
import { Failure } from "../failure.ts";

/** Asks git something small about one repository. `undefined` when git ends with an error. */
export type Git = (...args: readonly string[]) => Promise<string | undefined>;

/** The user's own git in a folder. Throws Failure when the folder is no repository, or git is not there. */
export async function gitIn(repository: string, signal: AbortSignal): Promise<Git> {
  const { said, complaint } = await ask(repository, ["rev-parse", "--git-dir"], signal);
  if (said !== undefined) return async (...args) => (await ask(repository, args, signal)).said;
  if (complaint.includes("dubious ownership"))
    throw new Failure(
      "source/not-trusted",
      `git refuses ${repository}: it belongs to somebody else. If you trust it: git config --global --add safe.directory ${repository}`,
    );
  throw noRepository(repository);
}

/** A git process that is talked to. Arguments never pass a shell. */
export function startGit(
  repository: string,
  args: readonly string[],
  signal: AbortSignal,
): ChildProcessByStdio<Writable, Readable, null> {
  return spawn("git", args, {
    cwd: repository,
    env: plainEnvironment(),
    stdio: ["pipe", "pipe", "ignore"],
    signal,
  });
}

interface Answer {
  readonly said: string | undefined;
  readonly complaint: string;
}

async function ask(
  repository: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Answer> {
  // A folder that is not there and a git that is not there give the same error.
  if (!(await isFolder(repository))) throw noRepository(repository);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const settings = { cwd: repository, env: plainEnvironment(), signal, timeout: 60_000 };
  execFile("git", args, settings, (error, said, complaint) => {
    if (error === null) resolve({ said, complaint });
    else if (signal.aborted) reject(signal.reason);
    else if (typeof error.code === "number") resolve({ said: undefined, complaint });
    else reject(cannotRun(error));
  });
  return promise;
}

/** Set when a hook of git runs us: they would lead to another repository than the one that was named. */
const misleading = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_COMMON_DIR",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_NAMESPACE",
  "GIT_PREFIX",
];

function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !misleading.includes(name));
  return {
    ...Object.fromEntries(kept),
    GIT_OPTIONAL_LOCKS: "0",
    // A clone may hold other objects in place of those that a commit names: the id would say nothing.
    GIT_NO_REPLACE_OBJECTS: "1",
    // Nobody is there to answer a question.
    GIT_TERMINAL_PROMPT: "0",
    // What git complains of is told apart by its words.
    LC_ALL: "C",
  };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Whatever the reason, git cannot be asked there.
    return false;
  }
}

function noRepository(repository: string): Failure {
  return new Failure(
    "source/no-repository",
    `${repository} is no git repository. Run git init there, or name another with --repo.`,
  );
}

function cannotRun(cause: Error): Failure {
  return new Failure(
    "source/no-git",
    `git cannot be run: ${cause.message}. Is it installed, and on the PATH?`,
    { cause },
  );
}
