import type { Digest } from "@millwright/schema";
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

/** The live table from names to instances. */
export function tableOf({ instances, front, reasonOf, since, drained }: TableOptions): Serving {
  const leaseOn = (instance: Instance, deployment: string): Lease | undefined => {
    const planned = instance.plan.plan.deployments[deployment];
    const factory =
      planned === undefined ? undefined : instance.plan.plan.factories[planned.factory];
    if (planned === undefined || factory === undefined) return undefined;
    instance.leases += 1;
    let held = true;
    return {
      ...{ deployment, planned, factory, plan: instance.plan },
      engine: instance.handle.engine,
      release() {
        if (!held) throw new Error("impossible: a lease was released twice");
        held = false;
        instance.leases -= 1;
        if (instance.state === "draining" && instance.leases === 0) drained();
      },
    };
  };

  const leaseOf = (deployment: string): Lease | undefined => {
    const ready = [...instances.values()].filter(
      ({ handle, state }) => state === "serving" && handle.spec.deployment === deployment,
    );
    const idlest = ready.reduce<Instance | undefined>(
      (best, instance) => (best === undefined || instance.leases < best.leases ? instance : best),
      undefined,
    );
    return idlest === undefined ? undefined : leaseOn(idlest, deployment);
  };

  return {
    names(): readonly ServedName[] {
      const plan = front()?.plan;
      const named = (kind: ServedName["kind"], all: object) =>
        Object.keys(all).map((name) => ({ name, kind, since: since() }));
      return plan === undefined
        ? []
        : [...named("deployment", plan.deployments), ...named("route", plan.routes)];
    },
    lease(name): Lease | Refusal {
      const plan = front()?.plan;
      if (plan === undefined) return { kind: "not-ready", reason: "this host has no plan yet" };
      const isDeployment = Object.hasOwn(plan.deployments, name);
      const route = Object.hasOwn(plan.routes, name) ? plan.routes[name] : undefined;
      if (!isDeployment && route === undefined) {
        return {
          kind: "unknown-name",
          known: [...Object.keys(plan.deployments), ...Object.keys(plan.routes)].sort(),
        };
      }
      const targets = isDeployment ? [name] : (route?.to ?? []);
      for (const target of targets) {
        const lease = leaseOf(target);
        if (lease !== undefined) return lease;
      }
      return {
        kind: "not-ready",
        reason: targets.map((target) => `${target}: ${reasonOf(target)}`).join("; "),
      };
    },
  };
}
