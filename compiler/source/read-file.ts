import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Gathering } from "./gather.ts";

/**
 * Reads one plain file, under the path that it has among the definitions. What was one a moment ago may be gone by now,
 * or a link: an editor is at work, or somebody who means harm.
 */
export async function readFile(place: string, path: string, gathering: Gathering): Promise<void> {
  if (!gathering.takes(path, 0)) return;
  try {
    // Without waiting: a pipe would never end.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    await using file = await open(place, flags);
    const found = await file.stat();
    if (found.isFile() && gathering.takes(path, found.size))
      gathering.add(path, await file.readFile());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ELOOP") gathering.passOver(path, "link");
    else if (code !== "ENOENT") throw error;
  }
}
