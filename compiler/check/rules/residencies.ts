import { type Diagnostic, type Span, suggestionsFrom } from "../../diagnostic/diagnostic.ts";
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
    ...fleet.value.hubs.flatMap((hub) => (typeof hub === "string" ? [] : (hub.region ?? []))),
  ]);
  const suggestions = suggestionsFrom(known);
  const unknown = (name: string | undefined, at: () => Span): Diagnostic[] =>
    name === undefined || known.has(name)
      ? []
      : [
          {
            code: "place/unknown-region",
            severity: "error",
            message: `${name} is no region of any host or hub and no group of the fleet`,
            at: at(),
            cure: suggestions.didYouMean(name),
          },
        ];
  return datasets.flatMap(({ value, spanOf }) => [
    ...(value.residency ?? []).flatMap((name, index) =>
      unknown(name, () => spanOf(["residency", index])),
    ),
    ...(value.redacted?.residency ?? []).flatMap((name, index) =>
      unknown(name, () => spanOf(["redacted", "residency", index])),
    ),
  ]);
}
