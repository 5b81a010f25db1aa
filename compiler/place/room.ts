import { type Host, parseBytes } from "@millwright/schema";
import type { Wanted } from "./placement.ts";
import { type Words, wordsOf } from "./rank.ts";

/** What is left of one host while replicas are put on it. Bytes. */
export interface Room {
  readonly host: Host;
  /** The place of the host among all, which stand in order of name. */
  readonly index: number;
  /** Of its name, for ranking. */
  readonly words: Words;
  /** What it weighs beside others: by the memory of its GPUs, and by its own. */
  readonly classes: { readonly gpus: number; readonly main: number };
  /** Free main memory. */
  memory: number;
  /** Free memory of each GPU. */
  readonly gpus: number[];
}

/** A plan names GPUs by two digits: no server holds more than 64. */
const MAX_GPUS = 64;

/** An empty host. */
export function roomOf(host: Host, index: number): Room {
  const memory = parseBytes(host.memory) ?? 0;
  const gpus = (host.gpus ?? [])
    .flatMap((gpu) => Array<number>(gpu.count ?? 1).fill(parseBytes(gpu.memory) ?? 0))
    .slice(0, MAX_GPUS);
  return {
    ...{ host, index, memory, gpus },
    words: wordsOf(host.name),
    classes: { gpus: classOf(gpus.reduce((sum, size) => sum + size, 0)), main: classOf(memory) },
  };
}

/** Bytes to four binary digits, as a small number: hosts that differ by a little weigh the same. */
function classOf(bytes: number): number {
  let digits = Math.max(8, bytes);
  let doublings = 0;
  while (Math.round(digits) >= 16) {
    digits /= 2;
    doublings += 1;
  }
  return 8 * doublings + Math.round(digits) - 8;
}

/** Of a class: so many bytes, roughly. */
export function weightOf(weightClass: number): number {
  return (8 + (weightClass % 8)) * 2 ** Math.floor(weightClass / 8);
}

/** What two replicas of a deployment that is spread must not share. */
export function placeOf(spread: "host" | "site", host: Host): string {
  return spread === "host" ? host.name : host.site;
}

/** What an instance takes of each of its GPUs. Layers are dealt out evenly. */
export function shareOf({ deployment, fit }: Wanted): number {
  return Math.ceil(fit.total / Math.max(1, deployment.gpus ?? 0));
}

/** What an instance takes of main memory: everything, or what it needs beside its GPUs. */
export function mainMemoryOf({ deployment, fit }: Wanted): number {
  return (deployment.gpus ?? 0) > 0 ? fit.beside : fit.total;
}

/** Whether one instance has room. Asked for every pair of a replica and a host, so nothing is made on the way. */
export function fits({ main, share, count }: Need, { memory, gpus }: Room): boolean {
  if (main > memory) return false;
  let free = 0;
  for (let index = 0; free < count && index < gpus.length; index += 1)
    if ((gpus[index] ?? 0) >= share) free += 1;
  return free >= count;
}

/** What one instance takes of a host, worked out once a deployment. */
export interface Need {
  readonly main: number;
  readonly share: number;
  readonly count: number;
}

export function needOf(wanted: Wanted): Need {
  return {
    main: mainMemoryOf(wanted),
    share: shareOf(wanted),
    count: wanted.deployment.gpus ?? 0,
  };
}

/**
 * How much is left of what is scarce, on the fullest GPUs that have room, or of main memory: the less, the better two
 * match. Bytes; infinite where it does not fit.
 */
export function leftAfter({ main, share, count }: Need, { memory, gpus }: Room): number {
  if (main > memory) return Infinity;
  if (count === 0) return memory - main + freeOn(gpus);
  if (count === 1) {
    let least = Infinity;
    for (const bytes of gpus) if (bytes >= share && bytes - share < least) least = bytes - share;
    return least;
  }
  const free = gpus.filter((bytes) => bytes >= share).sort((a, b) => a - b);
  if (free.length < count) return Infinity;
  return free.slice(0, count).reduce((left, bytes) => left + bytes - share, 0);
}

/** A host with GPUs is not for what needs none, as long as another will do. */
function freeOn(gpus: readonly number[]): number {
  return gpus.reduce((free, bytes) => free + bytes, 0);
}

/**
 * The GPUs that one instance would get (none on the cores), or `undefined` when there is no room.
 * Among GPUs with room the fullest come first: the others stay free for what is larger.
 */
export function roomFor(wanted: Wanted, { memory, gpus }: Room): readonly number[] | undefined {
  if (mainMemoryOf(wanted) > memory) return undefined;
  const count = wanted.deployment.gpus ?? 0;
  if (count === 0) return [];
  const share = shareOf(wanted);
  const free = gpus
    .map((bytes, index) => ({ bytes, index }))
    .filter(({ bytes }) => bytes >= share)
    .sort((a, b) => a.bytes - b.bytes || a.index - b.index);
  if (free.length < count) return undefined;
  return free
    .slice(0, count)
    .map(({ index }) => index)
    .sort((a, b) => a - b);
}

export function take(wanted: Wanted, room: Room, gpus: readonly number[]): void {
  const share = shareOf(wanted);
  room.memory -= mainMemoryOf(wanted);
  for (const index of gpus) room.gpus[index] = (room.gpus[index] ?? 0) - share;
}
