import type { AgentStatus, DeploymentStatus, Digest } from "@millwright/schema";
import type { VerifiedPlan } from "../trust/trust.ts";
import { numberOf, type PlanFailure, type Plans } from "./course.ts";
import type { Instances } from "./instances.ts";
import { needsOf, type Wanted } from "./wanted.ts";

/** The part of the agent's status that reconcile knows. */
export type ReconcileStatus = Pick<
  AgentStatus,
  "desired" | "attempted" | "running" | "deployments"
>;

export interface StatusSources {
  /** The newest plan that was accepted, also while it waits. */
  readonly newest: VerifiedPlan | undefined;
  readonly plans: Plans;
  readonly failure: PlanFailure | undefined;
  readonly running: VerifiedPlan | undefined;
  readonly instances: Instances;
  readonly retries: ReadonlyMap<Digest, number>;
  /** Bytes that have come of what is being fetched. */
  readonly fetched: ReadonlyMap<Digest, number>;
  readonly now: number;
  /** What a plan wants, each of the process that holds it now. */
  readonly wantedBy: (plan: VerifiedPlan) => readonly Wanted[];
}

/** Three facts apart: what is wanted, what was tried last and how that ended, what runs. */
export function statusOf(sources: StatusSources): ReconcileStatus {
  const { newest, plans, failure, running } = sources;
  const taken = plans.accepted();
  return {
    desired: newest === undefined ? null : refOf(newest),
    attempted:
      taken === undefined ? null : { ...refOf(taken), ...resultOf(taken, failure, running) },
    running: running === undefined ? null : refOf(running),
    deployments: taken === undefined ? {} : deploymentsOf(taken, sources),
  };
}

function refOf(plan: VerifiedPlan): { readonly revision: number; readonly plan: Digest } {
  return { revision: numberOf(plan), plan: plan.digest };
}

function resultOf(
  newest: VerifiedPlan,
  failure: PlanFailure | undefined,
  running: VerifiedPlan | undefined,
) {
  if (failure !== undefined && numberOf(failure.plan) === numberOf(newest))
    return { result: "failed" as const, reason: failure.reason.slice(0, 4000) };
  return {
    result:
      running !== undefined && numberOf(running) === numberOf(newest)
        ? ("running" as const)
        : ("applying" as const),
  };
}

function deploymentsOf(
  newest: VerifiedPlan,
  sources: StatusSources,
): Record<string, DeploymentStatus> {
  const groups = Map.groupBy(sources.wantedBy(newest), ({ deployment }) => deployment);
  return Object.fromEntries(
    [...groups].map(([name, wanted]) => [name, deploymentOf(name, wanted, newest, sources)]),
  );
}

function deploymentOf(
  name: string,
  wanted: readonly Wanted[],
  { plan }: VerifiedPlan,
  { instances, failure, retries, fetched, now }: StatusSources,
): DeploymentStatus {
  const planned = plan.deployments[name];
  if (planned === undefined) throw new Error(`impossible: no deployment ${name}`);
  const serving = [...instances.loaded.values()].filter(({ state }) => state === "serving");
  const isServing = new Set(serving.map(({ handle }) => handle.digest));
  // Those of the former plan answer as well, as long as they do.
  const ready = serving.filter(({ handle }) => handle.spec.deployment === name).length;
  const said = {
    model: planned.model.name,
    digest: planned.model.digest,
    ...(planned.adapter !== undefined && { adapter: planned.adapter.name }),
    instances: wanted.length,
    ready: Math.min(ready, wanted.length),
  };
  const waiting = wanted.filter(({ digest }) => !isServing.has(digest));
  if (waiting.length === 0) return { state: "ready", ...said };
  const retry = waiting.map(({ digest }) => retries.get(digest) ?? 0).find((at) => at > now);
  const reason = failure?.plan.plan === plan ? failure.reason.slice(0, 4000) : undefined;
  if (retry !== undefined) {
    const isLast = !Number.isFinite(retry);
    const when = isLast
      ? "it is not tried again: see the conditions"
      : `it is tried again in ${((retry - now) / 1000).toFixed(1)} s`;
    const state = reason === undefined && !isLast ? "restarting" : "failed";
    return { state, ...said, reason: reason ?? when };
  }
  if (reason !== undefined) return { state: "failed", ...said, reason };
  const coming = waiting.flatMap(needsOf).find((digest) => fetched.has(digest));
  if (coming !== undefined) {
    const total = plan.blobs[coming]?.size ?? 0;
    const share = total === 0 ? 0 : Math.floor((100 * (fetched.get(coming) ?? 0)) / total);
    return {
      state: "fetching",
      ...said,
      reason: `${share} % of ${plan.blobs[coming]?.name ?? coming} has come`,
    };
  }
  const percents = waiting.flatMap(({ digest }) => instances.starting.get(digest)?.percent ?? []);
  if (percents.length === 0) return { state: "loading", ...said };
  const how = `${Math.min(...percents)} % of its model is loaded`;
  return { state: "loading", ...said, reason: how };
}
