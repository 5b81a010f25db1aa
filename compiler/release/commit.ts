import { Failure } from "../failure.ts";
import { git, runGit } from "./git.ts";

/** A file that the commit brings, or (`undefined`) takes away. */
export interface Change {
  readonly path: string;
  readonly bytes: Uint8Array | undefined;
}

export interface CommitRequest {
  readonly repository: string;
  readonly parent: string | undefined;
  /** Against the files of the parent. */
  readonly changes: readonly Change[];
  readonly message: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/**
 * Writes a commit and moves no ref. One `git fast-import`, whatever the number of files; index and work tree are not
 * involved. Until a ref is moved to it, the commit is garbage that git collects in time.
 */
export async function writeCommit(request: CommitRequest, signal: AbortSignal): Promise<string> {
  const { repository } = request;
  const identity = await identityOf(repository, signal);
  const args = ["fast-import", "--quiet", "--done", "--date-format=raw"];
  const input = importStream(request, identity);
  const out = (await git(repository, args, { input }, signal)).toString("utf8").trim();
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(out)) {
    throw new Failure("release/git-failed", `git fast-import gave no commit but ${out}.`);
  }
  return out;
}

/** fast-import wants a branch to commit to; the `reset` without a start makes it forget the branch before it is written. */
function* importStream(
  { parent, changes, message, now }: CommitRequest,
  identity: string,
): Generator<Uint8Array | string> {
  const text = Buffer.from(message, "utf8");
  const when = `${identity} ${Math.floor(now / 1000)} +0000`;
  yield `commit refs/millwright/writing\nmark :1\nauthor ${when}\ncommitter ${when}\n`;
  yield `data ${text.length}\n`;
  yield text;
  yield "\n";
  if (parent !== undefined) yield `from ${parent}\n`;
  for (const { path, bytes } of changes) {
    if (bytes === undefined) {
      yield `D ${path}\n`;
      continue;
    }
    yield `M 100644 inline ${path}\ndata ${bytes.length}\n`;
    yield bytes;
    yield "\n";
  }
  yield "\nget-mark :1\nreset refs/millwright/writing\n\ndone\n";
}

/** The user's own identity where git knows one; a release must not fail on a machine where it does not. */
async function identityOf(repository: string, signal: AbortSignal): Promise<string> {
  const args = ["-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"];
  const { code, out } = await runGit(repository, args, {}, signal);
  const [, identity] = /^([^<>\n]*<[^<>\n]*>) \d+ [+-]\d{4}\n?$/.exec(out.toString("utf8")) ?? [];
  return code === 0 && identity !== undefined ? identity : "millwright <millwright@localhost>";
}
