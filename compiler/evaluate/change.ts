import type { ts } from "ts-morph";
import type { Interpreter } from "./interpreter.ts";
import type { Fields, List } from "./value.ts";

/**
 * Reports, and is true, when a list or an object may not be changed here: it was made by a call that is over (or by
 * another file), so others may have seen it; or something is going through it right now. Whatever a function
 * changes, it made itself, or was given by a call that still runs: from outside, every call is pure.
 */
export function refuseChange(
  interpreter: Interpreter,
  node: ts.Node,
  value: List | Fields,
): boolean {
  const real = value.same?.kind === value.kind ? (value.same as typeof value) : value;
  if (real.owner?.running !== true || (real.kind === "fields" && real.definition)) {
    const [what, cure] =
      real.kind === "list"
        ? ["list", "make a new one: [...list, more], list.toSorted(…)"]
        : ["object", "make a new one: { ...object, field: value }"];
    interpreter.refuse(
      "evaluate/changed-from-outside",
      `this ${what} was made elsewhere, and others may have seen it`,
      node,
      cure,
      [{ message: "made here", at: real.at }],
    );
    return true;
  }
  if (real.kind === "list" && (real.busy ?? 0) > 0) {
    interpreter.refuse(
      "evaluate/changed-from-outside",
      "this list is being gone through, and cannot change meanwhile",
      node,
      "fill another list, or go through a copy: [...list]",
    );
    return true;
  }
  return false;
}
