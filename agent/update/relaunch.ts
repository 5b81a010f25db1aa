import { writeFile } from "node:fs/promises";
import process from "node:process";
import { messageOf } from "../life/life.ts";
import type { Launched } from "./launched.ts";
import { wordsIn } from "./slot-files.ts";

/**
 * Becomes the launcher again, in the same process: for the service manager the agent has never ended, so that no
 * restart is waited for. What the agent had open is closed by then.
 */
export function relaunch({ node, launcher, args }: Launched): never {
  const env = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  if (process.execve === undefined) throw new Error("impossible: this is no Unix");
  return process.execve(node, [node, launcher, ...args], Object.fromEntries(env));
}

/** Why an agent that is on trial ends, for the one that comes after it to tell. */
export async function keepWords(state: string, error: unknown): Promise<void> {
  // Nothing may keep an agent from ending: without its words only the reason is missing.
  await writeFile(wordsIn(state), `${messageOf(error)}\n`, { mode: 0o600 }).catch(() => undefined);
}
