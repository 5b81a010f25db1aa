import { type Host, parseBytes } from "@millwright/schema";
import type { Room, Wanted } from "./placement.ts";

export function roomOf(host: Host): Room {
  return {
    host,
    memory: parseBytes(host.memory) ?? 0,
    gpus: (host.gpus ?? []).flatMap(({ memory, count = 1 }) =>
      Array<number>(count).fill(parseBytes(memory) ?? 0),
    ),
  };
}

/**
 * The GPUs that one instance would get (none on the cores), or `undefined` when there is no room.
 * Among GPUs with room the fullest come first: the others stay free for what is larger.
 */
export function roomFor(
  { deployment, fit }: Wanted,
  { memory, gpus }: Room,
): readonly number[] | undefined {
  const wanted = deployment.gpus ?? 0;
  if (wanted === 0) return fit.total <= memory ? [] : undefined;
  const share = Math.ceil(fit.total / wanted);
  const free = gpus
    .map((bytes, index) => ({ bytes, index }))
    .filter(({ bytes }) => bytes >= share)
    .sort((a, b) => a.bytes - b.bytes || a.index - b.index);
  if (free.length < wanted) return undefined;
  return free
    .slice(0, wanted)
    .map(({ index }) => index)
    .sort((a, b) => a - b);
}

export function take({ fit }: Wanted, room: Room, gpus: readonly number[]): void {
  if (gpus.length === 0) room.memory -= fit.total;
  for (const index of gpus)
    room.gpus[index] = (room.gpus[index] ?? 0) - Math.ceil(fit.total / gpus.length);
}

/** Whether a host is what `where` asks for. */
export function matches(
  { deployment }: Wanted,
  { name, site, region, labels = {} }: Host,
): boolean {
  return Object.entries(deployment.where ?? {}).every(([key, value]) => {
    if (key === "name") return name === value;
    if (key === "site") return site === value;
    if (key === "region") return region === value;
    return Object.hasOwn(labels, key) && labels[key] === value;
  });
}

export function mayStand({ regions }: Wanted, { region }: Host): boolean {
  return regions === undefined || regions.has(region);
}
