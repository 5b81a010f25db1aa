import { constants } from "node:fs";
import { lstat, mkdir, mkdtemp, open, readdir, rename, rm, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { showBytes } from "@millwright/schema";
import { Failure } from "../failure.ts";

/** Fills a new folder beside its place, and puts it there when it is whole. What fails leaves nothing behind. */
export async function wholeFolder<T>(
  folder: string,
  fill: (inside: string) => Promise<T>,
): Promise<T> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const temporary = await mkdtemp(join(parent, `.${basename(folder)}.`));
  const inside = join(temporary, "bundle");
  try {
    await mkdir(inside);
    const result = await fill(inside);
    await syncFolder(inside);
    await rename(inside, folder).catch((cause: unknown) => {
      if (isCode(cause, "ENOTEMPTY", "EEXIST", "ENOTDIR")) throw exists(folder, { cause });
      throw cause;
    });
    await syncFolder(parent);
    return result;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Found out before the first byte is copied, not after the last. */
export async function demandFree(folder: string): Promise<void> {
  try {
    const found = await lstat(folder);
    if (!found.isDirectory() || (await readdir(folder)).length > 0) throw exists(folder);
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
  }
}

/** As `demandFree`, of the disk. Bytes. */
export async function demandRoom(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  throw new Failure(
    "bundle/disk-full",
    `The models need ${showBytes(needed)}; ${showBytes(bavail * bsize)} are free. Name a folder on another disk with -o.`,
  );
}

/** A disk that is pulled out has the whole file. */
export async function writeDurable(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, "wx", 0o666);
  await file.writeFile(bytes);
  await file.sync();
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  await handle.sync();
}

function exists(folder: string, options?: ErrorOptions): Failure {
  return new Failure(
    "bundle/exists",
    `${folder} is there already, and nothing is overwritten. Remove it, or name another folder with -o.`,
    options,
  );
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
