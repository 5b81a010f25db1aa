import { lstat, readdir, readFile } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { Failure } from "../failure.ts";
import { gather } from "./gather.ts";
import { isRead } from "./limits.ts";
import type { SourceTree } from "./source.ts";

/** The definitions of a folder as it lies, uncommitted changes and all. Links and other repositories inside it are passed over. */
export async function readFolder(root: string, signal: AbortSignal): Promise<SourceTree> {
  const { files, passedOver, add, takes, passOver } = gather();
  const walk = async (folder: string): Promise<void> => {
    signal.throwIfAborted();
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    if (folder !== "factories" && entries.some(({ name }) => name === ".git")) {
      passOver(folder, "submodule");
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."))
        await walk(path);
      else if (entry.isSymbolicLink()) passOver(path, "link");
      else if (entry.isFile() && isRead(path)) {
        if (takes(path, (await lstat(join(root, path))).size))
          add(path, await readFile(join(root, path)));
      }
    }
  };
  try {
    await walk("factories");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT" || files.size > 0) throw cause;
    throw new Failure(
      "source/no-factories",
      `${root} has no folder factories${sep}. Definitions live below it: make one, or name another repository with --repo.`,
      { cause },
    );
  }
  return { repository: basename(root), files, ...(passedOver.length > 0 && { passedOver }) };
}
