import { readdir, readlink, realpath } from "node:fs/promises";
import { type Child, childOf } from "./child.ts";

/**
 * Kills every process that works in a runner's folder: the runner, and what an external engine started and left behind
 * when it was killed. Nobody else works there, so nobody else is hit, whatever became of the numbers of processes.
 * Returns those that it killed, which may take a moment to end.
 */
export async function killLeftovers(folder: string): Promise<readonly Child[]> {
  const place = await realpath(folder).catch(() => undefined);
  if (place === undefined) return [];
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const child = childOf(Number(name));
      // Of other users' processes, and of those that ended, it is not told.
      const works = await readlink(`/proc/${name}/cwd`).catch(() => undefined);
      return works === place ? child : [];
    }),
  );
  const children = found.flat();
  for (const child of children) child.send("SIGKILL");
  return children;
}
