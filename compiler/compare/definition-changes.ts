import type { Definitions } from "../check/check.ts";
import { differencesBetween } from "../history/history.ts";
import type { DefinitionChange } from "./comparison.ts";

const kinds = ["hosts", "models", "adapters", "datasets", "factories", "policies"] as const;

/** Definitions that do not mean the same on both sides, in the order of kinds and names. */
export function definitionChanges(
  before: Definitions | undefined,
  after: Definitions,
): readonly DefinitionChange[] {
  const fleets = changeOf(before?.fleet.value, after.fleet.value);
  const others = kinds.flatMap((kind) => {
    const names = new Set([...(before?.[kind].keys() ?? []), ...after[kind].keys()]);
    return [...names]
      .sort()
      .flatMap((name) => changeOf(before?.[kind].get(name)?.value, after[kind].get(name)?.value));
  });
  return [...fleets, ...others];
}

type Named = { readonly kind: string; readonly name: string };

function changeOf(
  before: Named | undefined,
  after: Named | undefined,
): readonly DefinitionChange[] {
  const { kind, name } = after ?? before ?? { kind: "", name: "" };
  if (before === undefined || after === undefined) {
    const change = before === undefined ? "added" : "removed";
    return [{ kind, name, change, differences: [] }];
  }
  if (before === after) return [];
  const differences = differencesBetween(before, after);
  return differences.length === 0 ? [] : [{ kind, name, change: "changed", differences }];
}
