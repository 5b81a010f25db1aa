import { type Certificate, certificateFaults, type FlowNode } from "../sovereignty/sovereignty.ts";
import { isLoopback } from "../value/value.ts";
import type { HostPlan } from "./host-plan.ts";

/**
 * What is wrong with the certificate of a plan, or with what the plan would do that the certificate does not cover, in
 * words; nothing when all data goes where it may. An agent obeys no plan with such a fault.
 */
export function flowFaults(plan: HostPlan): readonly string[] {
  const { sovereignty: certificate, deployments, elsewhere = {}, host } = plan;
  const names = Object.keys(deployments);
  // What runs here and elsewhere is proved by its place here.
  const relayed = Object.keys(elsewhere).filter((name) => !Object.hasOwn(deployments, name));
  const all = [...names, ...relayed];
  if (certificate === undefined)
    return all.length === 0 ? [] : [`the plan runs ${all.join(", ")} and proves nothing`];
  const broken = certificateFaults(certificate);
  if (broken.length > 0) return broken;
  const nodes = new Map(certificate.nodes.map((node, index) => [keyOf(node), index] as const));
  const placeOf = (place: Pick<FlowNode, "kind" | "name">, name: string): number | string => {
    const index = nodes.get(keyOf(place));
    const demand = certificate.demands[certificate.nodes[index ?? -1]?.demand ?? -1];
    if (index === undefined || demand === undefined) return `the proof leaves out ${name}`;
    return demand.regions?.length !== 1 || demand.regions[0] !== plan.region
      ? `the proof has ${name} in ${demand.regions}, the plan in ${plan.region}`
      : index;
  };
  return [
    ...names.flatMap((name) => {
      const place = placeOf({ kind: "instance", name: `${name} on ${host}` }, name);
      return typeof place === "string" ? [place] : feedbackFaults(plan, certificate, name, place);
    }),
    ...relayed.flatMap((name) => {
      const place = placeOf({ kind: "relay", name: `${name} through ${host}` }, name);
      return typeof place === "string" ? [place] : feedbackFaults(plan, certificate, name, place);
    }),
  ];
}

/** A sample may go to each hub of the plan: the proof must have the way to each, as the plan has it. */
function feedbackFaults(
  { deployments, elsewhere = {}, factories, host, hubs }: HostPlan,
  { nodes, demands, edges }: Certificate,
  name: string,
  instance: number,
): readonly string[] {
  const factory = (deployments[name] ?? elsewhere[name])?.factory ?? "";
  const feedback = factories[factory]?.feedback;
  if (feedback === undefined) return [];
  const ways = new Map(
    edges.flatMap(([from, to, redacts]) => {
      const sink = from === instance ? nodes[to] : undefined;
      const demand = demands[sink?.demand ?? -1];
      return sink === undefined || demand === undefined ? [] : [[sink.name, { demand, redacts }]];
    }),
  );
  return hubs.flatMap((hub) => {
    const store = `feedback of ${factory} at ${hub}`;
    const local = isLoopback(URL.parse(hub)?.hostname ?? "");
    const way = ways.get(store) ?? (local ? ways.get(`${store} on ${host}`) : undefined);
    if (way === undefined) return [`the proof leaves out the ${store}`];
    const { demand, redacts } = way;
    if ((redacts === 1) !== (feedback.redact === "personal"))
      return [`the proof and the plan differ in what is redacted in the ${store}`];
    if ((demand.keepMs ?? 0) < feedback.keepMs)
      return [`the proof has the ${store} kept for less time than the plan`];
    if (demand.away !== true && !local) return [`the proof has the ${store} on the host itself`];
    return demand.purposes?.includes("evaluate") === true
      ? []
      : [`the proof does not say what the ${store} is for`];
  });
}

function keyOf({ kind, name }: Pick<FlowNode, "kind" | "name">): string {
  return `${kind} ${name}`;
}
