/** The certificate of a plan without feedback whose deployments work on one public dataset. */
import {
  type Certificate,
  graphDigest,
  type HostPlan,
  SOVEREIGNTY_RULES,
} from "@millwright/schema";

export function proved(plan: HostPlan): HostPlan {
  const names = Object.keys(plan.deployments);
  if (names.length === 0) return plan;
  const graph: Omit<Certificate, "rules" | "graph"> = {
    labels: [{ classification: "public", purposes: ["evaluate", "serve", "train"] }],
    demands: [{}, { regions: [plan.region] }],
    nodes: [
      { kind: "data", name: "mails", label: 0, redacted: 0, demand: 0 },
      ...names.map((name) => ({
        kind: "instance" as const,
        name: `${name} on ${plan.host}`,
        ...{ label: 0, redacted: 0, demand: 1 },
      })),
    ],
    edges: names.map((_, index) => [0, index + 1, 0]),
    withdrawn: [],
  };
  const sovereignty = { rules: SOVEREIGNTY_RULES, graph: graphDigest(graph), ...graph };
  return { ...plan, sovereignty };
}
