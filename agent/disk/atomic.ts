import { constants } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

/**
 * Writes a whole file or nothing: temporary file, fsync, rename, fsync of the folder.
 * After a power cut the file holds either the old bytes or the new. Creates missing folders.
 */
export async function writeAtomic(
  path: string,
  bytes: Uint8Array | string,
  mode = 0o600,
): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  // The process id keeps two agents apart that were started on one folder by mistake.
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${process.hrtime.bigint()}`);
  try {
    await using file = await open(temporary, "wx", mode);
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/**
 * Makes a folder, and those above it that are missing, for nobody else to read. After a power cut they are there: that
 * a file was flushed says nothing of the folders on the way to it.
 */
export async function makeFolder(folder: string): Promise<void> {
  const last = resolve(folder);
  const first = await mkdir(last, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = last; made.length >= first.length; made = dirname(made))
    await syncFolder(dirname(made));
}

/** Makes renames and unlinks in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  await handle.sync();
}
