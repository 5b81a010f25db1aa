import { adapterNamesOf, type Digest, type PlannedDeployment } from "@millwright/schema";
import type { VerifiedPlan } from "../trust/trust.ts";
import type { Instance } from "./instances.ts";
import type { Lease, Refusal, ServedName, Serving } from "./serving.ts";

export interface TableOptions {
  readonly instances: ReadonlyMap<Digest, Instance>;
  /** The plan whose names are known to callers now. */
  readonly front: () => VerifiedPlan | undefined;
  /** Why a deployment is not ready, in words. */
  readonly reasonOf: (deployment: string) => string;
  readonly since: () => number;
  /** Called when an instance that is drained has finished its last request. */
  readonly drained: () => void;
}

/** The live table from deployments to instances. */
export function tableOf({ instances, front, reasonOf, since, drained }: TableOptions): Serving {
  const leaseOn = (instance: Instance, deployment: string): Lease | undefined => {
    const { adapterName } = instance.handle.spec;
    const planned = plannedOf(instance.plan.plan.deployments[deployment], adapterName);
    const factory =
      planned === undefined ? undefined : instance.plan.plan.factories[planned.factory];
    if (planned === undefined || factory === undefined) return undefined;
    instance.leases += 1;
    instance.answered += 1;
    let held = true;
    return {
      ...{ deployment, planned, factory, plan: instance.plan },
      ...(adapterName !== undefined && { adapter: adapterName }),
      engine: instance.handle.engine,
      release() {
        if (!held) throw new Error("impossible: a lease was released twice");
        held = false;
        instance.leases -= 1;
        if (instance.state === "draining" && instance.leases === 0) drained();
      },
    };
  };

  const leaseOf = (deployment: string, adapter: string | undefined): Lease | undefined => {
    const ready = [...instances.values()].filter(
      ({ handle: { spec }, state }) =>
        state === "serving" && spec.deployment === deployment && spec.adapterName === adapter,
    );
    const idlest = ready.reduce<Instance | undefined>(
      (best, instance) => (best === undefined || instance.leases < best.leases ? instance : best),
      undefined,
    );
    return idlest === undefined ? undefined : leaseOn(idlest, deployment);
  };

  return {
    plan: front,
    names(): readonly ServedName[] {
      const plan = front()?.plan;
      const named = (kind: ServedName["kind"], all: object) =>
        Object.keys(all).map((name) => ({ name, kind, since: since() }));
      return plan === undefined
        ? []
        : [
            ...named("deployment", { ...plan.deployments, ...plan.elsewhere }),
            ...named("route", plan.routes),
            ...adapterNamesOf(plan).map((name) => ({
              name,
              kind: "adapter" as const,
              since: since(),
            })),
          ];
    },
    lease(deployment, adapter): Lease | Refusal {
      const plan = front()?.plan;
      if (plan === undefined) return { kind: "not-ready", reason: "this host has no plan yet" };
      // What the plan has no more may still be draining; nobody new gets it.
      const known = Object.hasOwn(plan.deployments, deployment);
      const lease = known ? leaseOf(deployment, adapter) : undefined;
      return lease ?? { kind: "not-ready", reason: `${deployment}: ${reasonOf(deployment)}` };
    },
  };
}

/** As the plan has it for callers who name an adapter. */
function plannedOf(
  planned: PlannedDeployment | undefined,
  adapterName: string | undefined,
): PlannedDeployment | undefined {
  if (adapterName === undefined || planned === undefined) return planned;
  const adapter = planned.adapters?.find(({ name }) => name === adapterName);
  return adapter && { ...planned, adapter: { name: adapterName, digest: adapter.digest } };
}
