import type { Diagnostic } from "./stage.ts";

/**
 * Of what is said several times at one place with one code and one cure, as of a function that makes a hundred hosts,
 * the first, which tells how many more there are.
 */
export function once(found: readonly Diagnostic[]): readonly Diagnostic[] {
  const places = Map.groupBy(
    found,
    ({ code, at, cure }) => at && JSON.stringify([code, at.file, at.start, at.end, cure]),
  );
  const nowhere = places.get(undefined) ?? [];
  places.delete(undefined);
  const said = [...places.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    if (others.every(({ message }) => message === first.message)) return [first];
    return [{ ...first, message: `${first.message} (and ${others.length} more like it)` }];
  });
  return [...nowhere, ...said];
}
