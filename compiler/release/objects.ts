import { createHash } from "node:crypto";
import { Failure } from "../failure.ts";
import { endOf, git, runGit, startGit } from "./git.ts";

/** A file of a commit. */
export interface Entry {
  /** Git's id of the content: equal ids, equal bytes. */
  readonly id: string;
  readonly size: number;
  /** False for links, programs and submodules. */
  readonly plain: boolean;
}

const line = /^(\d{6}) (\w+) ([0-9a-f]{40}|[0-9a-f]{64}) +(\d+|-)$/;

/** The commit that `revision` names; `undefined` when there is none. */
export async function commitOf(
  repository: string,
  revision: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
  const { code, out, complaint } = await runGit(repository, args, {}, signal);
  if (code === 0) return out.toString("utf8").trim();
  // With --quiet git is silent when the revision does not exist; anything else is trouble.
  if (complaint === "") return undefined;
  throw new Failure("release/git-failed", `git cannot read ${repository}: ${complaint}`);
}

/** All files of a commit, by path, from git's objects. */
export async function filesOf(
  repository: string,
  commit: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Entry>> {
  const args = ["ls-tree", "-r", "-z", "-l", "--full-tree", commit];
  const out = await git(repository, args, {}, signal);
  const files = new Map<string, Entry>();
  for (const record of out.toString("utf8").split("\0")) {
    const tab = record.indexOf("\t");
    if (tab < 0) continue;
    const [, mode, type, id = "", size] = line.exec(record.slice(0, tab)) ?? [];
    const plain = mode === "100644" && type === "blob";
    files.set(record.slice(tab + 1), { id, size: Number(size), plain });
  }
  return files;
}

/** The contents behind `names` (ids, or `commit:path`), in order, by one process; `undefined` for what does not exist. */
export async function* readObjects(
  repository: string,
  names: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Buffer | undefined, void, undefined> {
  if (names.length === 0) return;
  const child = startGit(repository, ["cat-file", "--batch"], signal);
  const ended = endOf(child);
  child.stdin.on("error", () => undefined);
  child.stdin.end(names.map((name) => `${name}\n`).join(""));
  const next = readerOf(child.stdout[Symbol.asyncIterator]());
  try {
    for (const name of names) {
      const head = await next.line();
      if (head === undefined) {
        const { complaint } = await ended;
        throw new Failure("release/git-failed", `git cannot read ${name}: ${complaint}`);
      }
      if (head.endsWith(" missing")) {
        yield undefined;
        continue;
      }
      const bytes = await next.bytes(Number(head.split(" ")[2]));
      await next.bytes(1);
      yield bytes;
    }
  } catch (error) {
    // A git that was told to stop looks like one that failed.
    signal.throwIfAborted();
    throw error;
  } finally {
    child.kill();
  }
}

/** The id that git gives to these bytes, computed here so that unchanged files never reach git. */
export function blobIdOf(format: string, bytes: Uint8Array): string {
  return createHash(format).update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

function readerOf(chunks: AsyncIterator<Buffer>) {
  let held: Buffer = Buffer.alloc(0);
  const more = async () => {
    const { done, value } = await chunks.next();
    if (done === true) return false;
    held = held.length === 0 ? value : Buffer.concat([held, value]);
    return true;
  };
  return {
    async line(): Promise<string | undefined> {
      let end = held.indexOf(10);
      while (end < 0) {
        if (!(await more())) return undefined;
        end = held.indexOf(10);
      }
      const text = held.toString("utf8", 0, end);
      held = held.subarray(end + 1);
      return text;
    },
    async bytes(size: number): Promise<Buffer> {
      while (held.length < size) {
        if (!(await more())) throw new Failure("release/git-failed", "git cat-file ended early.");
      }
      const bytes = held.subarray(0, size);
      held = held.subarray(size);
      return bytes;
    },
  };
}
