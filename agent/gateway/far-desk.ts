import type { Lease, Refusal } from "../reconcile/reconcile.ts";
import type { Far, Relay, Take } from "../relay/relay.ts";
import { EngineError } from "../runner/runner.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import type { Office } from "./office.ts";
import type { Waiting } from "./turns.ts";

/** Where instances of neighbours are had, as leases: who asks one need not know where it is. */
export interface FarDesk {
  lease(wanted: Pick<Take, "deployment" | "adapter">, who: Waiting): Promise<Lease | Refusal>;
}

export function farDesk(relay: Relay, { plan, clock }: Pick<Office, "plan" | "clock">): FarDesk {
  return {
    async lease({ deployment, adapter }, { caller, priority, signal, until }) {
      const now = plan();
      const take: Take = {
        ...{ deployment, caller, priority },
        ...(adapter !== undefined && { adapter }),
        ...(until !== undefined && { within: Math.max(0, Math.ceil(until - clock.now())) }),
      };
      try {
        const taken = await relay.take(take, signal);
        if (taken?.kind === "refused") return { kind: "not-ready", reason: taken.message };
        const lease = taken && now && leaseOf(now, take, taken);
        if (lease !== undefined) return lease;
        taken?.give();
      } catch (error) {
        // Whoever waited has gone; anything else was told as a refusal.
        if (!signal.aborted && !(error instanceof EngineError)) throw error;
      }
      return { kind: "not-ready", reason: `${deployment}: not on this host` };
    },
  };
}

function leaseOf(plan: VerifiedPlan, take: Take, far: Far): Lease | undefined {
  const { deployment, adapter: asked } = take;
  const factoryName = plan.plan.elsewhere?.[deployment]?.factory ?? "";
  const factory = plan.plan.factories[factoryName];
  if (factory === undefined) return undefined;
  const { host, maker, engine, give } = far;
  const { model, adapter, context, revision } = maker;
  return {
    ...{ deployment, factory, plan, engine },
    ...(asked !== undefined && { adapter: asked }),
    planned: {
      ...{ factory: factoryName, model, context },
      ...(adapter !== undefined && { adapter }),
      // How many there are, and what they take, is that host's business: it was our turn there.
      instances: [{ replica: 0, gpus: [] }],
      ...{ parallel: 1, threads: 1, memory: 0, upgrade: "beside" },
    },
    at: { host, plan: maker.plan, revision },
    release: give,
  };
}
