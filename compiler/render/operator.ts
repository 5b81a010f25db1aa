import type { Host, HostPlan } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import { msOf } from "./durations.ts";

/** What operators say to this host, and to all: what a host is told itself counts before what all are told. */
export function operatorOf(
  { fleet: { value: fleet } }: Definitions,
  host: Host,
): Pick<HostPlan, "hold" | "retired" | "maxStalenessMs"> {
  const hold = host.hold ?? fleet.hold;
  // Sorted: their order in the text changes no plan.
  const retired = [...new Set([...(fleet.retired ?? []), ...(host.retired ?? [])])].sort();
  const maxStalenessMs = msOf(fleet.maxStaleness);
  return {
    ...(hold !== undefined && { hold }),
    ...(retired.length > 0 && { retired }),
    ...(maxStalenessMs !== undefined && { maxStalenessMs }),
  };
}
