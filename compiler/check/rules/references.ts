import type { Kind } from "@millwright/schema";
import type { Diagnostic, Span } from "../../diagnostic/diagnostic.ts";
import type { Value } from "../../evaluate/evaluate.ts";
import { aOrAn } from "../names.ts";
import { didYouMean } from "../nearest.ts";
import type { Mention } from "../refer.ts";

/** All that can be referred to, invalid definitions too: that they are invalid has been said. */
export interface Declared {
  /** Where each name stands first, by kind. */
  readonly names: Readonly<Record<Kind, ReadonlyMap<string, Span>>>;
  /** The definitions themselves. */
  readonly exported: ReadonlySet<Value>;
}

/** Every reference leads to a definition of the right kind: a name to its bearer, a definition passed itself to itself. */
export function references(
  mentions: readonly Mention[],
  { names, exported }: Declared,
): readonly Diagnostic[] {
  return mentions.flatMap(({ kind, name, at, passed }): Diagnostic[] => {
    if (passed === undefined) {
      if (names[kind].has(name)) return [];
      return [
        {
          code: "check/unknown-name",
          severity: "error",
          message: `there is no ${kind} ${name}`,
          at,
          cure: didYouMean(name, names[kind].keys()),
        },
      ];
    }
    if (passed.kind !== kind) {
      return [
        {
          code: "check/wrong-kind",
          severity: "error",
          message: `${aOrAn(kind)} is wanted here; ${name} is ${aOrAn(passed.kind)}`,
          at,
          cure: didYouMean(name, names[kind].keys()),
        },
      ];
    }
    if (exported.has(passed.value)) return [];
    // Another definition may bear the name: what was passed must not silently become that one.
    const namesake = names[kind].get(name);
    return [
      {
        code: "check/unknown-name",
        severity: "error",
        message: `the ${kind} ${name} is used here but never exported`,
        at,
        ...(namesake === undefined
          ? { cure: "export it where it is declared" }
          : {
              cure: "pass the exported one itself or write its name, or export this one under a name of its own",
              also: [{ message: "another one of this name is exported", at: namesake }],
            }),
      },
    ];
  });
}
