import type { Kind } from "@millwright/schema";
import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";

/** `a model`, `an adapter`: kinds are put into sentences. */
export function aOrAn(word: string): string {
  return `${/^[aeiou]/i.test(word) ? "an" : "a"} ${word}`;
}

/** Definitions by name, in order of name; the second of two with the same name is reported, with the first beside it. */
export function byName<T extends { readonly name: string; readonly at: Span }>(
  kind: Kind | "deployment or route",
  items: readonly T[],
  found: Diagnostic[],
): ReadonlyMap<string, T> {
  const named = new Map<string, T>();
  for (const item of items) {
    const first = named.get(item.name);
    if (first === undefined) named.set(item.name, item);
    else {
      found.push({
        code: "check/duplicate-name",
        severity: "error",
        message: `a second ${kind} is called ${item.name}`,
        at: item.at,
        cure: "rename one of them",
        also: [{ message: "the first", at: first.at }],
      });
    }
  }
  return new Map([...named].sort(([a], [b]) => (a < b ? -1 : 1)));
}
