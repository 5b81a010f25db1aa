import { type Certificate, certificateFaults, flowFaults } from "@millwright/schema";
import type { Compiled } from "../compile.ts";
import { budgetsOf, type HostBudget } from "../place/place.ts";

/** Everything that is shown of a fleet before it runs. */
export interface Proof {
  readonly hosts: readonly HostBudget[];
  readonly sovereignty: {
    readonly certificate: Certificate;
    /** What the independent checker finds in the certificate, and in the plan of each host: nothing, or the compiler is wrong. */
    readonly faults: readonly string[];
  };
}

/** What the proof of the flow of data rests on. */
export const assumed: readonly string[] = [
  "hosts and hubs stand in the regions, and hold the clearance, that their definitions say",
  "an agent sends nothing to a place that its plan does not name",
  "people who can log on to a host or a hub see what is on it",
  "redaction finds personal data by its patterns; what it overlooks is not redacted",
  "memory is an estimate: llama.cpp's own buffers, held against it in tests, and 5 % more",
];

export function proofOf({ definitions, proved, plans }: Compiled): Proof {
  const certificate = proved.certificate();
  const onHosts = [...plans.values()].flatMap(({ plan }) =>
    flowFaults(plan).map((fault) => `${plan.host}: ${fault}`),
  );
  return {
    hosts: budgetsOf(definitions, proved.placed),
    sovereignty: { certificate, faults: [...certificateFaults(certificate), ...onHosts] },
  };
}
