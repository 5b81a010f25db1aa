import { constants } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { Failure } from "../failure.ts";
import { type Gathering, gather } from "./gather.ts";
import { isForTools, isRead, limits } from "./limits.ts";
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

/** What was a file a moment ago may be gone by now, or a link: an editor is at work, or somebody who means harm. */
async function readFile(place: string, path: string, gathering: Gathering): Promise<void> {
  if (!gathering.takes(path, 0)) return;
  try {
    await using file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { size } = await file.stat();
    if (gathering.takes(path, size)) gathering.add(path, await file.readFile());
  } catch (error) {
    const code = codeOf(error);
    if (code === "ELOOP") gathering.passOver(path, "link");
    else if (code !== "ENOENT") throw error;
  }
}

async function whatIs(path: string): Promise<"folder" | "link" | undefined> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) return "link";
    return found.isDirectory() ? "folder" : undefined;
  } catch (error) {
    if (!["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) throw error;
    return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function tooMuch(): Failure {
  return new Failure(
    "source/too-much",
    `factories${sep} has more than ${limits.listed.toLocaleString("en")} files and folders of any kind. Move data out of it.`,
  );
}
