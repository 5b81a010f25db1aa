import { parseDuration } from "@millwright/schema";

/** Milliseconds of a text that has passed `check`; absent stays absent. */
export function msOf(text: string): number;
export function msOf(text: string | undefined): number | undefined;
export function msOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error(`impossible: ${text} has passed as a duration`);
  return ms;
}
