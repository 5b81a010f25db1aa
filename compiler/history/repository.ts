import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { runGit } from "./run-git.ts";

/** What of a git repository matters to its history. */
export interface Repository {
  /** Where the folder lies inside its work tree: "" or a path that ends with `/`. */
  readonly folder: string;
  /** No work tree: only commits can be asked. */
  readonly bare: boolean;
  /** The commits at which a shallow clone breaks off. */
  readonly shallow: ReadonlySet<string>;
}

/** `undefined` when the folder is in no repository. */
export async function readRepository(
  path: string,
  signal: AbortSignal,
): Promise<Repository | undefined> {
  const args = ["--is-inside-work-tree", "--git-path", "shallow", "--show-prefix"];
  const answer = await runGit(path, ["rev-parse", ...args], signal);
  if (answer.kind !== "said") return undefined;
  // The prefix comes last: it alone may hold a line feed.
  const [inside, shallow = "", ...prefix] = answer.text.split("\n");
  return {
    folder: prefix.join("\n").replace(/\n$/, ""),
    bare: inside !== "true",
    shallow: await readShallow(resolve(path, shallow)),
  };
}

/** Where the definitions of a folder lie inside its git repository: "" or a path that ends with `/`; "" without one. */
export async function folderIn(path: string, signal: AbortSignal): Promise<string> {
  return (await readRepository(path, signal))?.folder ?? "";
}

async function readShallow(path: string): Promise<ReadonlySet<string>> {
  try {
    return new Set((await readFile(path, "latin1")).split("\n").filter((line) => line !== ""));
  } catch (error) {
    // A whole clone has no such file.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return new Set();
  }
}
