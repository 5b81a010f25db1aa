import { spawn } from "node:child_process";
import { env } from "node:process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Failure } from "../failure.ts";

/** Set when a git hook runs us: they would point git at another repository or index than the one that was named. */
const misleading = new Set([
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_NAMESPACE",
  "GIT_PREFIX",
  "GIT_CEILING_DIRECTORIES",
]);

export interface GitResult {
  readonly code: number;
  readonly out: Buffer;
  readonly complaint: string;
}

export interface GitOptions {
  readonly input?: Iterable<Uint8Array | string>;
  /** The most bytes of output that are taken; 64 MiB when absent. */
  readonly limit?: number;
}

/** One git process in `repository`, without a shell. Returns whatever its exit code is; throws when git cannot run. */
export async function runGit(
  repository: string,
  args: readonly string[],
  options: GitOptions,
  signal: AbortSignal,
): Promise<GitResult> {
  const child = startGit(repository, args, signal);
  const limit = options.limit ?? 64 * 1024 * 1024;
  const ended = endOf(child);
  // Git may exit before it has read all its input; its exit code then tells more than the broken pipe.
  const fed = pipeline(Readable.from(options.input ?? []), child.stdin).catch(() => undefined);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of child.stdout) {
      size += chunk.length;
      if (size > limit) {
        throw new Failure("release/git-too-much", `git ${args[0]} says more than ${limit} bytes.`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    child.kill();
    throw error;
  }
  const { code, complaint } = await ended;
  await fed;
  signal.throwIfAborted();
  return { code, out: Buffer.concat(chunks), complaint };
}

/** As `runGit`, for commands that must succeed: gives their output. */
export async function git(
  repository: string,
  args: readonly string[],
  options: GitOptions,
  signal: AbortSignal,
): Promise<Buffer> {
  const { code, out, complaint } = await runGit(repository, args, options, signal);
  if (code !== 0) {
    throw new Failure(
      "release/git-failed",
      `git ${args[0]} failed in ${repository}: ${complaint || `exit code ${code}`}`,
    );
  }
  return out;
}

export function startGit(repository: string, args: readonly string[], signal: AbortSignal) {
  const kept = Object.entries(env).filter(([name]) => !misleading.has(name));
  return spawn("git", ["-C", repository, ...args], {
    env: {
      ...Object.fromEntries(kept),
      LC_ALL: "C",
      GIT_TERMINAL_PROMPT: "0",
      GIT_OPTIONAL_LOCKS: "0",
      // A replacement object would show other bytes than those that the commit names.
      GIT_NO_REPLACE_OBJECTS: "1",
    },
    stdio: ["pipe", "pipe", "pipe"],
    signal,
  });
}

/** Resolves when the process has ended; rejects only when it could not start. */
export function endOf(
  child: ReturnType<typeof startGit>,
): Promise<{ readonly code: number; readonly complaint: string }> {
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2_000);
  });
  const ended = new Promise<{ code: number; complaint: string }>((resolve, reject) => {
    child.on("error", (error) =>
      error.name === "AbortError"
        ? reject(error)
        : reject(new Failure("release/no-git", "git could not be started.", { cause: error })),
    );
    child.on("close", (code) => resolve({ code: code ?? 1, complaint: complaint.trim() }));
  });
  // The reader of the output may throw first; this promise must not then be an unhandled one.
  ended.catch(() => undefined);
  return ended;
}
