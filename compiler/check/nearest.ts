import { closest, distance } from "fastest-levenshtein";

/** What was probably meant; `undefined` when nothing is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const names = [...known].sort();
  if (names.length === 0) return undefined;
  const best = closest(name, names);
  return distance(name, best) <= Math.max(2, Math.floor(name.length / 3)) ? best : undefined;
}

/** A cure that names what was probably meant, or else what there is. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const names = [...known].sort();
  const best = nearest(name, names);
  if (best !== undefined) return `did you mean ${best}?`;
  if (names.length === 0) return "there is none yet";
  const shown = names.slice(0, 8).join(", ");
  return `there ${names.length === 1 ? "is" : "are"} ${shown}${names.length > 8 ? ` and ${names.length - 8} more` : ""}`;
}
