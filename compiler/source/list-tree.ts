import { once } from "node:events";
import { Failure } from "../failure.ts";
import { startGit } from "./git.ts";
import { limits } from "./limits.ts";

/**
 * The lines of `git ls-tree` for all that lies below a path of a commit, folders too. Throws Failure when it is too much:
 * a few objects that name one another make a tree of billions of files. Each folder that git walks through is
 * a line, so that one of nothing but folders is counted as well.
 */
export async function* listTree(
  repository: string,
  commit: string,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const args = ["ls-tree", "-r", "-t", "-z", "--long", "--full-tree", commit, "--", path];
  const child = startGit(repository, args, signal);
  const ended = Promise.allSettled([once(child, "close")]);
  child.stdin.on("error", (error) => child.stdout.destroy(error));
  child.stdin.end();
  const decoder = new TextDecoder();
  let rest = "";
  let bytes = 0;
  let lines = 0;
  let complete = false;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.listing) throw tooMuch(path);
      rest += decoder.decode(chunk, { stream: true });
      // One endless name is not searched again with each chunk.
      if (!chunk.includes(0)) continue;
      const whole = rest.split("\0");
      rest = whole.pop() ?? "";
      lines += whole.length;
      if (lines > limits.listed) throw tooMuch(path);
      yield* whole;
    }
    complete = true;
  } finally {
    // Broken off: git would walk on. One that is done is left to say how it ended.
    if (!complete) child.kill();
  }
  const [end] = await ended;
  if (end?.status === "rejected") throw end.reason;
  if (end?.value[0] !== 0) throw cannotList(path, commit);
}

export function cannotList(path: string, commit: string): Failure {
  return new Failure(
    "source/object-missing",
    `git cannot list ${path} of ${commit}: a shallow, partial or damaged clone? Run git fetch --unshallow, git fetch or git fsck.`,
  );
}

function tooMuch(path: string): Failure {
  return new Failure(
    "source/too-much",
    `${path} has more than ${limits.listed.toLocaleString("en")} files and folders of any kind, or endless names. Move data out of it.`,
  );
}
