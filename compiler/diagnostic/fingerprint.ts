import { createHash } from "node:crypto";
import type { Lines } from "./position.ts";
import type { Diagnostic } from "./stage.ts";

/** More of a range does not make it better known, and ranges that lie in one another would be read again and again. */
const MOST = 1_000;

/**
 * Tells a diagnostic again after its lines have moved: from its code, its file and the text that it points at.
 * Equal ones are counted, from the top of the file, so that a second one is not taken for the first.
 */
export function fingerprints(lines: (file: string) => Lines): (diagnostic: Diagnostic) => string {
  const seen = new Map<string, number>();
  return ({ code, message, at }) => {
    const text =
      at === undefined
        ? message.slice(0, MOST)
        : lines(at.file).text.slice(at.start, Math.min(at.end, at.start + MOST));
    const hashed = JSON.stringify([code, at?.file ?? "", text.replaceAll("\r\n", "\n")]);
    const hash = createHash("sha256").update(hashed).digest("hex").slice(0, 32);
    const count = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, count);
    return `${hash}:${count}`;
  };
}
