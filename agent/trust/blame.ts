import { LengthOrHashMismatchError, UnsignedMetadataError } from "@tufjs/models/dist/error.js";
import { BadVersionError, EqualVersionError, ExpiredMetadataError } from "tuf-js/dist/error.js";
import { type RefusalCode, type Refused, refused } from "./verdict.ts";

/** tuf-js says no by throwing, one class a kind of attack; the text is for people and never read. */
const kinds: readonly (readonly [new (message?: string) => Error, RefusalCode])[] = [
  [ExpiredMetadataError, "trust/frozen"],
  [BadVersionError, "trust/rolled-back"],
  [UnsignedMetadataError, "trust/bad-signature"],
  [LengthOrHashMismatchError, "trust/mix-and-match"],
];

/** Takes a step of the TUF workflow; what it refuses becomes a refusal of the file `name`. */
export function attempt(name: string, step: () => unknown): Refused | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    // The same version again is no attack: the one that was verified before stays in force (section 5.4.3).
    if (error instanceof EqualVersionError) return undefined;
    if (!(error instanceof Error)) throw error;
    const [, reason = "trust/malformed"] = kinds.find(([kind]) => error instanceof kind) ?? [];
    return refused(reason, `${name}: ${error.message}.`);
  }
}

/**
 * As `attempt`, for files that were verified in an earlier run and now only say which versions are too old.
 * That they have expired since, or that a newer timestamp wants a newer snapshot, is in the nature of things.
 */
export function recall(name: string, step: () => unknown): Refused | undefined {
  const wrong = attempt(name, step);
  return wrong?.reason === "trust/frozen" || wrong?.reason === "trust/rolled-back"
    ? undefined
    : wrong && refused("trust/damaged", wrong.message);
}
