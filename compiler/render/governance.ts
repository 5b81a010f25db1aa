import { classifications, type PlannedFactory, purposes } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import { datasetsOf, regionsOf } from "../place/place.ts";

type Governance = PlannedFactory["governance"];

/** What work with no declared data is taken for: not public, and not for training. */
const undeclared: Governance = {
  classification: "internal",
  purposes: ["serve", "monitor", "evaluate"],
};

/** The strictest join of the rules of all data that a factory touches: the highest class, the common regions and purposes. */
export function governanceOf(definitions: Definitions, factory: string): Governance {
  const adapters = Object.values(definitions.factories.get(factory)?.value.deployments ?? {}).map(
    ({ adapter }) => adapter,
  );
  const datasets = new Set(
    [undefined, ...adapters].flatMap((adapter) => datasetsOf(definitions, factory, adapter)),
  );
  if (datasets.size === 0) return undeclared;
  const rules = [...datasets].map(({ value }) => value);
  const groups = definitions.fleet.value.regions ?? {};
  const residency = rules
    .map((rule) => regionsOf(rule.residency, groups))
    .reduce((common, regions) => common.intersection(regions));
  return {
    classification:
      classifications[
        Math.max(...rules.map(({ classification }) => classifications.indexOf(classification)))
      ] ?? "restricted",
    residency: [...residency].sort(),
    purposes: purposes.filter((purpose) => rules.every((rule) => rule.purposes.includes(purpose))),
  };
}
