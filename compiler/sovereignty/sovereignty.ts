/**
 * The proof that data is only where it may be.
 *
 * In: definitions, where everything stands. Out: a certificate for the fleet and for each host, and the labels of what
 * every factory works with; or every leak, with the shortest way of the data to the place where it may not be.
 * Promise: the graph is closed and finite, and every edge of it has been held against the place that it leads to
 * (Denning, A Lattice Model of Secure Information Flow, 1976). Assumed: hosts and hubs stand where their definitions
 * say; an agent sends nothing to a place that its plan does not name. Not proved: that redaction finds everything.
 */
import type { Certificate, FlowLabel } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import { type Stage, stageOf } from "../diagnostic/diagnostic.ts";
import type { Placement } from "../place/place.ts";
import { certificateOf, certificates } from "./certificates.ts";
import { fixpointOf } from "./fixpoint.ts";
import { flowOf, undeclared } from "./graph.ts";
import { joinOf, labelOf } from "./labels.ts";
import { leaksOf } from "./leaks.ts";

/** What stands everywhere, and that its data may be there. */
export interface Proved extends Placement {
  /** Of the whole fleet. */
  readonly certificate: () => Certificate;
  /** Of what comes to a host and goes from it; `undefined` where nothing stands. */
  readonly certificateOn: (host: string) => Certificate | undefined;
  /** Of each adapter, and each deployment: what the data in it may be used for. By kind and name, `deployment triage`. */
  readonly labels: ReadonlyMap<string, ProvedLabels>;
}

export interface ProvedLabels {
  readonly label: FlowLabel;
  /** Once personal data is taken out. */
  readonly redacted: FlowLabel;
}

/** The label that is at least as strict as each of some, and no stricter. */
export function strictest(labels: readonly FlowLabel[]): FlowLabel {
  const [first = undeclared, ...others] = labels;
  return others.reduce(joinOf, first);
}

/** Every stage behind this one wants what only this one gives. */
export function prove(definitions: Definitions, placement: Placement): Stage<Proved> {
  const flow = flowOf(definitions, placement);
  const fixpoint = fixpointOf(flow);
  const { labels, label, redacted } = fixpoint;
  const labelled = flow.places.flatMap(({ kind, name }, index) =>
    kind === "instance" || kind === "feedback"
      ? []
      : [
          [
            `${kind} ${name}`,
            {
              label: labelOf(labels.all, label[index] ?? -1),
              redacted: labelOf(labels.all, redacted[index] ?? -1),
            },
          ] as const,
        ],
  );
  const proved: Proved = {
    ...placement,
    certificate: () => certificateOf(flow, fixpoint),
    certificateOn: certificates(flow),
    labels: new Map(labelled),
  };
  return stageOf(proved, leaksOf(flow, fixpoint));
}
