import type { PlannedFactory } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import { type Proved, strictest } from "../sovereignty/sovereignty.ts";

/** What holds for samples of a factory's work: all that its deployments are under, once redacted where it redacts them. */
export function governanceOf(
  { factories }: Definitions,
  { labels }: Pick<Proved, "labels">,
  name: string,
): PlannedFactory["governance"] {
  const factory = factories.get(name)?.value;
  const redacts = factory?.feedback?.redact === "personal";
  const each = Object.keys(factory?.deployments ?? {}).flatMap((deployment) => {
    const proved = labels.get(`deployment ${deployment}`);
    return proved === undefined ? [] : [redacts ? proved.redacted : proved.label];
  });
  const { classification, residency, purposes, consent } = strictest(each);
  return {
    classification,
    ...(residency !== undefined && { residency }),
    purposes,
    ...(consent !== undefined && { consent }),
  };
}
