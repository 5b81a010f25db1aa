import { didYouMean, listed, nearest, shown } from "../diagnostic/diagnostic.ts";
import type { ObjectType, Type } from "./type.ts";

/** What a policy may not be about is told by what it may. */
const known: ReadonlyMap<string, string> = new Map([
  [
    "self",
    "`self` is what is judged, and a policy on: change judges no single thing: use before, after or touched",
  ],
  ["touched", "`touched` is for policies with on: change; compare before and after here"],
]);

export function unknownName(
  name: string,
  scope: ReadonlyMap<string, Type>,
): [message: string, cure: string] {
  const message = `there is no variable ${shown(name)}`;
  const why = known.get(name);
  if (why !== undefined && scope.has("definitions")) return [message, why];
  const close = nearest(name, scope.keys());
  if (close !== undefined) return [message, `did you mean ${close}?`];
  // A field of what is judged, without `self.` before it.
  const self = scope.get("self");
  if (self?.kind === "object" && self.fields.has(name))
    return [message, `did you mean self.${name}?`];
  return [message, `there are ${listed(scope.keys())}; a text stands in quotes`];
}

export function unknownField(name: string, of: ObjectType): [message: string, cure: string] {
  return [`${of.name} has no field ${shown(name)}`, didYouMean(name, of.fields.keys())];
}
