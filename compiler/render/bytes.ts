import { parseBytes } from "@millwright/schema";

/** An amount of a definition that has passed its check. */
export function bytesOf(text: number | string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined) throw new Error(`impossible: ${text} has passed as a number of bytes`);
  return bytes;
}
