import { lstat, readdir } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { Failure } from "../failure.ts";
import { type Gathering, gather } from "./gather.ts";
import { isForTools, isRead, limits } from "./limits.ts";
import { readFile } from "./read-file.ts";
import type { SourceTree } from "./source.ts";

/** The definitions of a folder as it lies, uncommitted changes and all. Links and other repositories inside it are passed over. */
export async function readFolder(root: string, signal: AbortSignal): Promise<SourceTree> {
  const gathering = gather();
  const top = await whatIs(join(root, "factories"));
  // Git sees a link there too: what it leads to is not in the commit.
  if (top === "link") gathering.passOver("factories", "link");
  else if (top === "folder") await walk({ root, gathering, signal, listed: 0 }, "factories");
  else
    throw new Failure(
      "source/no-factories",
      `${root} has no folder factories${sep}. Definitions live below it: make one, or name another repository with --repo.`,
    );
  const { files, passedOver } = gathering;
  return { repository: basename(root), files, ...(passedOver.length > 0 && { passedOver }) };
}

interface Walk {
  readonly root: string;
  readonly gathering: Gathering;
  readonly signal: AbortSignal;
  /** Files and folders so far. */
  listed: number;
}

async function walk(state: Walk, folder: string): Promise<void> {
  const { root, gathering, signal } = state;
  signal.throwIfAborted();
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  state.listed += entries.length;
  if (state.listed > limits.listed) throw tooMuch();
  if (entries.some(({ name }) => name === ".git")) {
    gathering.passOver(folder, "submodule");
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${folder}/${entry.name}`;
    if (isForTools(path)) continue;
    if (entry.isDirectory()) await walk(state, path);
    else if (entry.isSymbolicLink()) gathering.passOver(path, "link");
    else if (entry.isFile() && isRead(path)) await readFile(join(root, path), path, gathering);
  }
}

async function whatIs(path: string): Promise<"folder" | "link" | undefined> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) return "link";
    return found.isDirectory() ? "folder" : undefined;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["ENOENT", "ENOTDIR"].includes(code)) throw error;
    return undefined;
  }
}

function tooMuch(): Failure {
  return new Failure(
    "source/too-much",
    `factories${sep} has more than ${limits.listed.toLocaleString("en")} files and folders of any kind. Move data out of it.`,
  );
}
