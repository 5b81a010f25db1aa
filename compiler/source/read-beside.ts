import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Failure } from "../failure.ts";
import { gather } from "./gather.ts";
import { isRead } from "./limits.ts";
import { readFile } from "./read-file.ts";
import type { SourceTree } from "./source.ts";

/**
 * A single file and those that lie beside it, as if its folder were `factories/`: to look at a file that is in no
 * repository. Links are passed over.
 */
export async function readBeside(file: string, signal: AbortSignal): Promise<SourceTree> {
  const folder = dirname(file);
  const gathering = gather();
  try {
    if (!(await lstat(file)).isFile()) throw notAFile(file);
    for (const name of (await readdir(folder)).sort()) {
      signal.throwIfAborted();
      const path = `factories/${name}`;
      if (isRead(path)) await readFile(join(folder, name), path, gathering);
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw notAFile(file, cause);
  }
  const { files, passedOver } = gathering;
  return { repository: basename(folder), files, ...(passedOver.length > 0 && { passedOver }) };
}

function notAFile(file: string, cause?: unknown): Failure {
  return new Failure("source/no-such-file", `There is no file ${file}. Name a .ts or .yaml file.`, {
    cause,
  });
}
