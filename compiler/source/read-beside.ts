import { lstat, readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Failure } from "../failure.ts";
import { gather } from "./gather.ts";
import { isRead } from "./limits.ts";
import type { SourceTree } from "./source.ts";

/**
 * A single file and those that lie beside it, as if its folder were `factories/`: to look at a file that is in no
 * repository. Links are passed over.
 */
export async function readBeside(file: string, signal: AbortSignal): Promise<SourceTree> {
  const folder = dirname(file);
  const { files, passedOver, add, takes } = gather();
  try {
    if (!(await lstat(file)).isFile()) throw notAFile(file);
    for (const name of (await readdir(folder)).sort()) {
      signal.throwIfAborted();
      const path = `factories/${name}`;
      if (!isRead(path)) continue;
      const { size, isFile } = await lstat(join(folder, name)).then((stats) => ({
        size: stats.size,
        isFile: stats.isFile(),
      }));
      if (isFile && takes(path, size)) add(path, await readFile(join(folder, name)));
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw notAFile(file, cause);
  }
  return { repository: basename(folder), files, ...(passedOver.length > 0 && { passedOver }) };
}

function notAFile(file: string, cause?: unknown): Failure {
  return new Failure("source/no-such-file", `There is no file ${file}. Name a .ts or .yaml file.`, {
    cause,
  });
}
