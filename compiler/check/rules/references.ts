import type { Kind } from "@millwright/schema";
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { didYouMean } from "../nearest.ts";
import type { Mention } from "../refer.ts";

/** Every reference leads to a definition of the right kind. `declared` holds all names, those of invalid definitions too. */
export function references(
  mentions: readonly Mention[],
  declared: Readonly<Record<Kind, ReadonlySet<string>>>,
): readonly Diagnostic[] {
  return mentions.flatMap(({ kind, name, at, passed }): Diagnostic[] => {
    if (passed !== undefined && passed !== kind) {
      return [
        {
          code: "check/wrong-kind",
          severity: "error",
          message: `a ${kind} is wanted here; ${name} is a ${passed}`,
          at,
          cure: didYouMean(name, declared[kind]),
        },
      ];
    }
    if (declared[kind].has(name)) return [];
    if (passed !== undefined) {
      return [
        {
          code: "check/unknown-name",
          severity: "error",
          message: `the ${kind} ${name} is used here but never exported`,
          at,
          cure: "export it where it is declared",
        },
      ];
    }
    return [
      {
        code: "check/unknown-name",
        severity: "error",
        message: `there is no ${kind} ${name}`,
        at,
        cure: didYouMean(name, declared[kind]),
      },
    ];
  });
}
