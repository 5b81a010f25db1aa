import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createZstdDecompress } from "node:zlib";
import { syncFolder } from "../disk/disk.ts";
import { Failure } from "../life/life.ts";
import type { SlotName } from "./pointer.ts";
import { type Packed, readTar, refusal } from "./read-tar.ts";
import { slotIn, slotsIn } from "./slot-files.ts";

/** Bytes of memory that unpacking may take, as a power of two: what `packaging` packs with, and no bomb beyond. */
const WINDOW_LOG = 27;

/**
 * Unpacks an archive into a slot, in place of what lay there. The slot appears at last, by one rename and on the disk:
 * a power cut leaves it whole or not at all. Throws Failure for an archive that is not as it should be.
 */
export async function unpack(
  archive: string,
  state: string,
  slot: SlotName,
  signal: AbortSignal,
): Promise<void> {
  const target = slotIn(state, slot);
  const fresh = join(slotsIn(state), `.${slot}.new`);
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  try {
    await unpackInto(archive, fresh, signal);
    // Taken away in one step too: half a slot must never stand under its name.
    const old = join(slotsIn(state), `.${slot}.old`);
    await rm(old, { recursive: true, force: true });
    await rename(target, old).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    await rename(fresh, target);
    await syncFolder(slotsIn(state));
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

async function unpackInto(archive: string, folder: string, signal: AbortSignal): Promise<void> {
  const folders = new Set([""]);
  const links: Extract<Packed, { kind: "link" }>[] = [];
  const makeFolder = async (path: string): Promise<void> => {
    if (folders.has(path)) return;
    await makeFolder(parentOf(path));
    folders.add(path);
    await mkdir(join(folder, path), { mode: 0o700 });
  };
  const write = async (entry: Extract<Packed, { kind: "file" }>) => {
    await makeFolder(parentOf(entry.path));
    // `wx`: what stands twice in an archive is refused, not written over or through.
    await using file = await open(join(folder, entry.path), "wx", entry.isProgram ? 0o700 : 0o600);
    for await (const bytes of entry.bytes) await file.writeFile(bytes);
    await file.sync();
  };
  const decompress = createZstdDecompress({
    params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG },
  });
  try {
    await pipeline(
      createReadStream(archive),
      decompress,
      async (stream) => {
        for await (const entry of readTar(stream)) {
          if (entry.kind === "folder") await makeFolder(entry.path);
          else if (entry.kind === "file") await write(entry);
          else links.push(entry);
        }
      },
      { signal },
    );
    // Last, so that nothing was written through one.
    for (const { path, target } of links) {
      await makeFolder(parentOf(path));
      await symlink(target, join(folder, path));
    }
  } catch (error) {
    signal.throwIfAborted();
    throw named(error);
  }
  for (const path of [...folders].reverse()) await syncFolder(join(folder, path));
}

function parentOf(path: string): string {
  const parent = dirname(path);
  return parent === "." ? "" : parent;
}

/** What only an archive can cause is said as such; a disk that is full is another matter. */
function named(error: unknown): unknown {
  const { code = "", message = "" } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === "EEXIST" || code === "ENOTDIR" || code === "EISDIR")
    return refusal("something stands in it twice");
  if (code === "ENOSPC" || code === "EDQUOT")
    return new Failure(
      "update/disk-full",
      `there is no room to unpack it (${message}); unpacked it takes about 210 MB. Free some of the disk`,
    );
  if (/^(ZSTD_|Z_|ERR_ZSTD|ERR_BUFFER)/.test(code))
    return refusal(`it does not decompress: ${message}`);
  return error;
}
