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
import { type Relay, relaysIn } from "../relay/relay.ts";
import { certificateOf, certificates } from "./certificates.ts";
import { type Fixpoint, fixpointOf } from "./fixpoint.ts";
import { demandOn, type Flow, flowOf, undeclared } from "./graph.ts";
import { brokenRules, joinOf, labelOf } from "./labels.ts";
import { leaksOf } from "./leaks.ts";

/** What stands everywhere, and that its data may be there. */
export interface Proved extends Placement {
  /** What hosts pass on to others: only what may come to them. */
  readonly relays: readonly Relay[];
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
  const relays = relaysIn(definitions, placement);
  const standing = flowOf(definitions, placement);
  const admitted =
    relays.length === 0 ? relays : admittedOf(definitions, standing, fixpointOf(standing), relays);
  const flow = admitted.length === 0 ? standing : flowOf(definitions, placement, admitted);
  const fixpoint = fixpointOf(flow);
  const { labels, label, redacted } = fixpoint;
  const labelled = flow.places.flatMap(({ kind, name }, index) =>
    kind === "instance" || kind === "relay" || kind === "feedback"
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
    relays: admitted,
    certificate: () => certificateOf(flow, fixpoint),
    certificateOn: certificates(flow),
    labels: new Map(labelled),
  };
  return stageOf(proved, leaksOf(flow, fixpoint));
}

/** Nobody asked for a host to pass something on that may not come to it: it is not a leak, it is left out. */
function admittedOf(
  { hosts }: Definitions,
  { places, withdrawn }: Flow,
  { labels, label }: Fixpoint,
  relays: readonly Relay[],
): readonly Relay[] {
  const deployments = new Map(
    places.flatMap(({ kind, name }, index) =>
      kind === "deployment" ? [[name, label[index] ?? -1] as const] : [],
    ),
  );
  return relays.filter(({ host, deployment }) => {
    const found = hosts.get(host);
    if (found === undefined) return false;
    const carried = labelOf(labels.all, deployments.get(deployment) ?? -1);
    return brokenRules(carried, demandOn(found.value), withdrawn).length === 0;
  });
}
