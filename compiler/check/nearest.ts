import { closest, distance } from "fastest-levenshtein";
import { listed } from "./names.ts";

/** What was probably meant: two letters swapped, or a third of them wrong; `undefined` when nothing is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const far = Math.max(1, Math.floor(name.length / 3));
  const given = name.toLowerCase();
  const near = [...known].filter((other) => Math.abs(other.length - name.length) <= far).sort();
  const same = near.find((other) => isSwap(given, other.toLowerCase()));
  if (same !== undefined || near.length === 0) return same;
  const lower = near.map((other) => other.toLowerCase());
  const best = closest(given, lower);
  return distance(given, best) <= far ? near[lower.indexOf(best)] : undefined;
}

/** Whether two texts are the same but for two letters beside each other. */
function isSwap(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const at = [...a].findIndex((letter, index) => letter !== b[index]);
  if (at < 0) return true;
  return `${a.slice(0, at)}${a[at + 1]}${a[at]}${a.slice(at + 2)}` === b;
}

/** A cure that names what was probably meant, or else what there is. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const names = new Set(known);
  const best = nearest(name, names);
  if (best !== undefined) return `did you mean ${best}?`;
  if (names.size === 0) return "there is none yet";
  return `there ${names.size === 1 ? "is" : "are"} ${listed(names)}`;
}
