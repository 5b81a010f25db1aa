/** The certificate of a plan whose deployments work on one public dataset. */
import {
  type Certificate,
  graphDigest,
  type HostPlan,
  SOVEREIGNTY_RULES,
} from "@millwright/schema";

type Edge = Certificate["edges"][number];

export function proved(plan: HostPlan): HostPlan {
  const names = Object.keys(plan.deployments);
  if (names.length === 0) return plan;
  const stores = names.flatMap((name, index) => {
    const { factory = "" } = plan.deployments[name] ?? {};
    const feedback = plan.factories[factory]?.feedback;
    const stored = (hub: string) => ({ instance: index + 1, factory, hub });
    return feedback === undefined ? [] : plan.hubs.map((hub) => ({ ...stored(hub), ...feedback }));
  });
  const graph: Omit<Certificate, "rules" | "graph"> = {
    labels: [{ classification: "public", purposes: ["evaluate", "serve", "train"] }],
    demands: [
      {},
      { regions: [plan.region] },
      ...stores.map(({ keepMs }) => ({
        keepMs,
        purposes: ["evaluate" as const],
        away: true as const,
      })),
    ],
    nodes: [
      { kind: "data", name: "mails", label: 0, redacted: 0, demand: 0 },
      ...names.map((name) => ({
        kind: "instance" as const,
        name: `${name} on ${plan.host}`,
        ...{ label: 0, redacted: 0, demand: 1 },
      })),
      ...stores.map(({ factory, hub }, index) => ({
        kind: "feedback" as const,
        name: `feedback of ${factory} at ${hub}`,
        ...{ label: 0, redacted: 0, demand: index + 2 },
      })),
    ],
    edges: [
      ...names.map((_, index): Edge => [0, index + 1, 0]),
      ...stores.map(
        ({ instance, redact }, index): Edge => [
          instance,
          names.length + 1 + index,
          redact === "personal" ? 1 : 0,
        ],
      ),
    ],
    withdrawn: [],
  };
  const sovereignty = { rules: SOVEREIGNTY_RULES, graph: graphDigest(graph), ...graph };
  return { ...plan, sovereignty };
}
