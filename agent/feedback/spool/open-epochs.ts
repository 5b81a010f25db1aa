import { readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../disk/disk.ts";
import { LiveFile } from "./live-file.ts";
import {
  askedAgainName,
  isEpoch,
  isRefusedName,
  liveName,
  parseLiveName,
  parseSealedName,
} from "./names.ts";
import type { SegmentFile } from "./segment-file.ts";

export interface Found {
  readonly epoch: string;
  readonly live: LiveFile;
  /** Older epochs that were left with samples in their live file. */
  readonly left: readonly { readonly epoch: string; readonly live: LiveFile }[];
  /** Oldest first. */
  readonly segments: readonly SegmentFile[];
}

/** What is on the disk. A folder without any epoch begins a new one: its count must not look like that of the lost one. */
export async function openEpochs(folder: string, fresh: string, now: number): Promise<Found> {
  await makeFolder(folder);
  // Epochs are UUIDs of version 7: the last one by name is the youngest.
  const epochs = (await readdir(folder)).filter(isEpoch).toSorted();
  if (epochs.length === 0) {
    await makeFolder(join(folder, fresh));
    epochs.push(fresh);
  }
  const segments: SegmentFile[] = [];
  const lives: { epoch: string; live: LiveFile }[] = [];
  for (const epoch of epochs) {
    const found = await openEpoch(join(folder, epoch), epoch, epoch === epochs.at(-1), now);
    segments.push(...found.segments);
    if (found.live !== undefined) lives.push({ epoch, live: found.live });
    else if (found.segments.length === 0) await rmdir(join(folder, epoch));
  }
  const current = lives.pop();
  if (current === undefined) throw new Error("impossible: the youngest epoch has a live file");
  return { ...current, left: lives, segments };
}

async function openEpoch(
  folder: string,
  epoch: string,
  youngest: boolean,
  now: number,
): Promise<{ readonly live: LiveFile | undefined; readonly segments: readonly SegmentFile[] }> {
  // A hub that refused a segment may be a better one today.
  for (const name of (await readdir(folder)).filter(isRefusedName)) {
    await rename(join(folder, name), join(folder, askedAgainName(name)));
  }
  const names = await readdir(folder);
  // Temporary files of a write that a crash cut short.
  for (const name of names.filter((name) => name.startsWith("."))) await rm(join(folder, name));
  const segments: SegmentFile[] = [];
  for (const name of names.toSorted()) {
    const place = parseSealedName(name);
    if (place === undefined) continue;
    const path = join(folder, name);
    const { size, mtimeMs } = await stat(path);
    segments.push({
      epoch,
      ...place,
      path,
      bytes: size,
      sealedAt: Math.floor(mtimeMs),
      expiresAt: 0,
      shed: -1,
    });
  }
  const sealed = new Set(segments.map(({ first }) => first));
  const firsts: number[] = [];
  for (const first of names.map(parseLiveName)) {
    if (first === undefined) continue;
    // A crash between sealing and removing: the segment has every line of it.
    if (sealed.has(first)) await rm(join(folder, liveName(first)));
    else firsts.push(first);
  }
  const after = (segments.at(-1)?.last ?? 0) + 1;
  const first = Math.max(...firsts, youngest ? after : 0);
  if (first === 0) return { live: undefined, segments };
  const live = await LiveFile.open(folder, epoch, first, now);
  if (youngest || live.samples > 0) return { live, segments };
  await live.close();
  await rm(live.path);
  return { live: undefined, segments };
}
