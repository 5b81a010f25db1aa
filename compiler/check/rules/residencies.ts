import { type Diagnostic, suggestionsFrom } from "../../diagnostic/diagnostic.ts";
import { allSound, type Drafts } from "../draft.ts";

/** A residency that names nothing known would silently forbid every host. */
export function residencies({ fleets, hosts, datasets, whole }: Drafts): readonly Diagnostic[] {
  // Two fleets, or none, or one that is broken: whoever mends that says which groups there are.
  const [fleet, ...others] = fleets.map(({ sound }) => sound);
  if (!whole || fleet === undefined || others.length > 0 || !allSound(hosts)) return [];
  const groups = fleet.value.regions ?? {};
  const known = new Set([
    ...Object.keys(groups),
    ...Object.values(groups).flat(),
    ...hosts.flatMap(({ value }) => value.region ?? []),
  ]);
  const suggestions = suggestionsFrom(known);
  return datasets.flatMap(({ value, spanOf }) =>
    (value.residency ?? []).flatMap((name, index): Diagnostic[] =>
      name === undefined || known.has(name)
        ? []
        : [
            {
              code: "place/unknown-region",
              severity: "error",
              message: `${name} is no region of any host and no group of the fleet`,
              at: spanOf(["residency", index]),
              cure: suggestions.didYouMean(name),
            },
          ],
    ),
  );
}
