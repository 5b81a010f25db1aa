import { once } from "node:events";
import { basename } from "node:path";
import { Failure } from "../failure.ts";
import { type Gathering, gather, refuseMany } from "./gather.ts";
import { type Git, gitIn, startGit } from "./git.ts";
import { isRead } from "./limits.ts";
import { listTree } from "./list-tree.ts";
import { resolve } from "./revision.ts";
import type { SourceTree } from "./source.ts";

/**
 * The definitions of a commit, from git's objects: no checkout, no filter, no hook.
 * Links and submodules are passed over. `revision` is anything that git understands.
 */
export async function readCommit(
  repository: string,
  revision: string,
  signal: AbortSignal,
): Promise<SourceTree> {
  const git = await gitIn(repository, signal);
  const [commit, prefix] = await Promise.all([
    resolve(git, revision, "commit", repository),
    git("rev-parse", "--show-prefix"),
  ]);
  const [tree, name, { files, passedOver }] = await Promise.all([
    resolve(git, commit, "tree", repository),
    nameOf(git, repository),
    filesAt(repository, commit, (prefix ?? "").replace(/\n$/, ""), signal),
  ]);
  return {
    repository: name,
    at: { commit, tree },
    files,
    ...(passedOver.length > 0 && { passedOver }),
  };
}

async function filesAt(
  repository: string,
  commit: string,
  top: string,
  signal: AbortSignal,
): Promise<Gathering> {
  const gathering = gather();
  const entries: Entry[] = [];
  for await (const line of listTree(repository, commit, `${top}factories`, signal))
    entries.push(...entryOf(line, top, gathering));
  refuseMany(
    entries.length,
    entries.reduce((total, { size }) => total + size, 0),
  );
  if (entries.length > 0) await readBlobs(repository, entries, gathering.add, signal);
  return gathering;
}

interface Entry {
  readonly path: string;
  readonly object: string;
  /** Bytes. */
  readonly size: number;
}

/** `100644 blob <id> <size>\t<path>`; other modes are folders, links and submodules. The size is BAD where git lost the object. */
function entryOf(line: string, top: string, { takes, passOver }: Gathering): Entry[] {
  const [, mode, object, size, path] =
    /^(\d{6}) (?:blob|commit) ([0-9a-f]+) +(\d+|BAD|-)\t([\s\S]+)$/.exec(line) ?? [];
  if (object === undefined || path === undefined || !path.startsWith(top)) return [];
  const inside = path.slice(top.length);
  if (mode === "120000") passOver(inside, "link");
  if (mode === "160000") passOver(inside, "submodule");
  if (!/^100(644|755)$/.test(mode ?? "") || !isRead(inside)) return [];
  if (size === "BAD") throw objectMissing(inside, object);
  if (!takes(inside, Number(size))) return [];
  return [{ path: inside, object, size: Number(size) }];
}

/** The remote's URL without credentials, or the name of the folder. */
async function nameOf(git: Git, repository: string): Promise<string> {
  // Where there is no such remote, git says its name again.
  const remote = (await git("ls-remote", "--get-url", "origin"))?.trim() ?? "";
  if (remote !== "origin" && remote !== "") return withoutCredentials(remote);
  const root = await git("rev-parse", "--path-format=absolute", "--git-common-dir");
  return basename((root ?? "").trim().replace(/\/\.git$/, "")) || basename(repository);
}

/** Up to the last `@` before the path: a password may hold one itself. */
function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, "$1");
}

/** One `git cat-file --batch` for all blobs: ids go in, `<id> blob <size>\n<bytes>\n` comes out, in order. */
async function readBlobs(
  repository: string,
  entries: readonly Entry[],
  add: (path: string, bytes: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const child = startGit(repository, ["cat-file", "--batch", "--buffer"], signal);
  // Listened to from the start: an abort reports its error before the output has ended.
  const ended = Promise.allSettled([once(child, "close")]);
  child.stdin.on("error", (error) => child.stdout.destroy(error));
  child.stdin.end(entries.map(({ object }) => `${object}\n`).join(""));
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const [end] = await ended;
  if (end?.status === "rejected") throw end.reason;
  const all = Buffer.concat(chunks);
  let at = 0;
  for (const { path, object } of entries) {
    const end = all.indexOf(0x0a, at);
    const [id, type, size] = all.toString("latin1", at, Math.max(at, end)).split(" ");
    if (id !== object || type !== "blob") {
      throw objectMissing(path, object);
    }
    const start = end + 1;
    at = start + Number(size) + 1;
    add(path, all.subarray(start, at - 1));
  }
}

function objectMissing(path: string, object: string): Failure {
  return new Failure(
    "source/object-missing",
    `git does not have ${path} (${object}): a shallow or damaged clone? Run git fetch --unshallow or git fsck.`,
  );
}
