import { isIPv6 } from "node:net";
import type { Found } from "./found.ts";

const FOUR = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)/g;
const SIX = /(?<![\w:.])[0-9A-Fa-f:.]{3,45}(?![\w:])/g;

/** What stands before four numbers that are a version or a section, and no address. */
const NUMBERING =
  /(?:\b(?:version|ver|release|build|firmware|section|chapter|kapitel|abschnitt)|§|\p{L}-)[\s.:=]*$/iu;
const LOOK_BACK = 16;

/** Internet addresses, version 4. */
export function* fourPartAddresses(text: string): Iterable<Found> {
  for (const { index, 0: address } of text.matchAll(FOUR)) {
    if (address.split(".").some((part) => Number(part) > 255)) continue;
    if (NUMBERING.test(text.slice(Math.max(0, index - LOOK_BACK), index))) continue;
    yield { start: index, end: index + address.length };
  }
}

/** Internet addresses, version 6. `::1` and `A::B` are no one's address. */
export function* colonAddresses(text: string): Iterable<Found> {
  for (const { index, 0: run } of text.matchAll(SIX)) {
    const address = run.replace(/\.+$/, "");
    if (!address.includes(":") || !isIPv6(address)) continue;
    const groups = address.split(":").filter((group) => group !== "");
    if (groups.length < 4 && !groups.some((group) => group.length > 2)) continue;
    yield { start: index, end: index + address.length };
  }
}
