/** Where things lie below the state folder. Nothing but Node here: the launcher needs it before anything else. */
import { accessSync, constants, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { SlotName } from "./pointer.ts";

export const slotsIn = (state: string): string => join(state, "slots");
export const pointerIn = (state: string): string => join(slotsIn(state), "current.json");
export const slotIn = (state: string, slot: SlotName): string => join(slotsIn(state), slot);

/** What every agent has at the same place, in a slot and in a package. */
export const parts = {
  /** What a slot's archive says of itself. */
  manifest: "slot.json",
  node: "bin/node",
  main: "agent/cli/millwright-agent.ts",
} as const;

/** What an agent says before it ends in error, and what Node itself reports. */
const WORDS = "last-words.txt";
export const REPORT = "report.json";
/** Bytes; a report holds much more than what is wanted of it. */
const MAX_REPORT = 4 * 1024 ** 2;
const MAX_WORDS = 2_000;

export const wordsIn = (state: string): string => join(slotsIn(state), WORDS);

/** A slot appears by one rename, so that what is there is all there; who deleted from it by hand is found out here. */
export function isWhole(state: string, slot: SlotName): boolean {
  const folder = slotIn(state, slot);
  try {
    accessSync(join(folder, parts.node), constants.X_OK);
    return statSync(join(folder, parts.main)).isFile();
  } catch {
    return false;
  }
}

/** The last words of an agent that ended, the agent's own before Node's. */
export function lastWords(state: string): string | undefined {
  const own = textOf(wordsIn(state))?.trim();
  if (own !== undefined && own !== "") return own.slice(0, MAX_WORDS);
  const report = textOf(join(slotsIn(state), REPORT));
  return report === undefined ? undefined : stackIn(report)?.slice(0, MAX_WORDS);
}

/** What was said before belongs to a start before. */
export function forgetWords(state: string): void {
  for (const path of [wordsIn(state), join(slotsIn(state), REPORT)]) rmSync(path, { force: true });
}

function textOf(path: string): string | undefined {
  try {
    return statSync(path).size > MAX_REPORT ? undefined : readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function stackIn(report: string): string | undefined {
  try {
    const { javascriptStack: { message, stack } = {} } = JSON.parse(report) as {
      readonly javascriptStack?: { readonly message?: unknown; readonly stack?: unknown };
    };
    const lines = [message, ...(Array.isArray(stack) ? stack : [])];
    return lines.filter((line) => typeof line === "string").join("\n");
  } catch {
    return undefined;
  }
}
