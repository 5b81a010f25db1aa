import { distance } from "fastest-levenshtein";
import { listed } from "./names.ts";

/** Known names, ready to be asked which of them was meant. */
export interface Suggestions {
  /** What was probably meant: two letters swapped, or a third of them wrong; `undefined` when nothing is near. */
  nearest(name: string): string | undefined;
  /** A cure that names what was probably meant, or else what there is. */
  didYouMean(name: string): string;
}

/** Nobody misspells a name of that length by a third. */
const LONGEST = 256;

/** So many names are compared, all questions together: whoever errs more often than that learns what there is. */
const COMPARED = 100_000;

export function suggestionsFrom(known: Iterable<string>): Suggestions {
  const names = [...new Set(known)].sort();
  const lower = names.map((name) => name.toLowerCase());
  let left = COMPARED;
  let all: string | undefined;

  const nearest = (name: string): string | undefined => {
    if (name.length > LONGEST) return undefined;
    const given = name.toLowerCase();
    let best: string | undefined;
    // One letter more than is near enough.
    let least = Math.max(1, Math.floor(name.length / 3)) + 1;
    for (const [index, other] of lower.entries()) {
      if (left <= 0) return best;
      if (Math.abs(other.length - given.length) >= least) continue;
      left -= 1;
      const far = isSwap(given, other) ? 0 : distance(given, other);
      if (far >= least) continue;
      least = far;
      best = names[index];
      if (least === 0) return best;
    }
    return best;
  };
  return {
    nearest,
    didYouMean(name) {
      const best = nearest(name);
      if (best !== undefined) return `did you mean ${best}?`;
      if (names.length === 0) return "there is none yet";
      all ??= `there ${names.length === 1 ? "is" : "are"} ${listed(names)}`;
      return all;
    },
  };
}

export function nearest(name: string, known: Iterable<string>): string | undefined {
  return suggestionsFrom(known).nearest(name);
}

export function didYouMean(name: string, known: Iterable<string>): string {
  return suggestionsFrom(known).didYouMean(name);
}

/** Whether two texts are the same but for two letters beside each other, or altogether. */
function isSwap(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return (
    at === a.length ||
    (a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2))
  );
}
