import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { env } from "node:process";
import { simpleGit } from "simple-git";
import { Failure } from "../../failure.ts";
import { RELEASES } from "../../release/release.ts";

/** A bare copy of the repository's branches. What verified is held, so that it outlives a branch that was thrown back. */
export interface Mirror {
  readonly path: string;
  /** Where `releases` stands in the repository now; `undefined` when it has none. Throws when it cannot be reached. */
  remoteHead(): Promise<string | undefined>;
  fetch(): Promise<void>;
  /** Where `releases` stood at the last fetch. */
  head(): Promise<string | undefined>;
  has(commit: string): Promise<boolean>;
  /** Keeps a commit, and all that it is made of, from being collected. */
  hold(name: "released" | "source", commit: string): Promise<void>;
  /** The content of a file at a commit, as git gives it; ends with an error when there is none. */
  read(commit: string, path: string, signal: AbortSignal): AsyncIterable<Buffer>;
}

/** How long git may say nothing at all. */
const SILENCE_MS = 60_000;
const BRANCHES = "+refs/heads/*:refs/heads/*";
const commitId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export async function openMirror(
  path: string,
  repository: string,
  signal: AbortSignal,
): Promise<Mirror> {
  // A repository that looks like an option would be read as one.
  if (repository.startsWith("-")) {
    throw new Failure(
      "hub/bad-repository",
      `${repository} is no repository. Name a folder or URL.`,
    );
  }
  const local = resolve(repository);
  const source = existsSync(local) ? local : repository;
  await mkdir(path, { recursive: true, mode: 0o700 });
  const git = simpleGit({
    baseDir: path,
    abort: signal,
    timeout: { block: SILENCE_MS },
    allowEnvironment: ["GIT_TERMINAL_PROMPT"],
    trimmed: true,
    // The template is the empty one below.
    unsafe: { allowUnsafeTemplateDir: true },
  }).env(environment());
  const run = async (...args: string[]): Promise<string> => {
    try {
      return await git.raw(args);
    } catch (error) {
      signal.throwIfAborted();
      const said = error instanceof Error ? error.message : String(error);
      throw new Failure("hub/git-failed", `git ${args[0]}: ${withoutCredentials(said.trim())}`);
    }
  };
  // No template: hooks of this machine's user have no business here.
  if (!existsSync(`${path}/HEAD`)) await run("init", "--bare", "--quiet", "--template=");

  const commitAt = async (revision: string): Promise<string | undefined> => {
    const format = "--format=%(objectname)";
    const found = await run("for-each-ref", format, "--count=1", revision);
    return commitId.test(found) ? found : undefined;
  };
  const has = async (commit: string): Promise<boolean> => {
    if (!commitId.test(commit)) return false;
    try {
      return (await git.raw(["cat-file", "-t", commit])) === "commit";
    } catch {
      // cat-file answers with its exit code alone.
      return false;
    }
  };
  return {
    path,
    has,
    head: () => commitAt(RELEASES),
    async remoteHead() {
      const line = await run("ls-remote", "--refs", "--quiet", "--", source, RELEASES);
      const [id = ""] = line.split("\t");
      return commitId.test(id) ? id : undefined;
    },
    async fetch() {
      await run("fetch", "--quiet", "--prune", "--no-tags", "--", source, BRANCHES);
    },
    async hold(name, commit) {
      if (await has(commit)) await run("update-ref", `refs/millwright/held/${name}`, commit);
    },
    read: (commit, file, stop) => readFile(path, commit, file, stop),
  };
}

async function* readFile(
  mirror: string,
  commit: string,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const child = spawn("git", ["-C", mirror, "cat-file", "blob", `${commit}:${path}`], {
    env: environment(),
    stdio: ["ignore", "pipe", "ignore"],
    signal,
  });
  const closed = once(child, "close");
  // The reader may stop first; this promise must not then be an unhandled one.
  closed.catch(() => undefined);
  try {
    for await (const chunk of child.stdout) yield Buffer.from(chunk);
    const [code] = await closed;
    if (code === 0) return;
    throw new Failure("hub/not-in-git", `git has no ${path} at ${commit.slice(0, 12)}.`);
  } finally {
    child.kill();
  }
}

/** What git needs to find its configuration and to reach a repository. Nothing else can point it elsewhere. */
const passed =
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|TZ|SSH_AUTH_SOCK|XDG_CONFIG_HOME|SSL_CERT_(FILE|DIR)|(https?|all|no)_proxy)$/i;

function environment(): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && passed.test(name) ? [[name, value] as const] : [],
  );
  return { ...Object.fromEntries(kept), LC_ALL: "C", GIT_TERMINAL_PROMPT: "0" };
}

/** What git says quotes the URL, and with it a password that stands in it. */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/(\b[a-z+]+:\/\/)[^\s/@]*@/g, "$1");
}
