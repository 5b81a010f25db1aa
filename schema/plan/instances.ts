import type { Digest } from "../value/value.ts";
import type { HostPlan, PlannedDeployment } from "./host-plan.ts";

/**
 * One instance that a plan wants: which bytes, on what, how large. Where two are equal the process that runs goes on over
 * a change of plans; where they are not, another one takes its place.
 */
export interface PlannedInstance {
  readonly deployment: string;
  readonly replica: number;
  readonly model: Digest;
  readonly adapter?: Digest;
  readonly context: number;
  readonly parallel: number;
  readonly threads: number;
  readonly cache?: NonNullable<PlannedDeployment["cache"]>;
  readonly gpus: readonly number[];
}

/** All instances of a plan, in its order. */
export function instancesOf({
  deployments,
}: Pick<HostPlan, "deployments">): readonly PlannedInstance[] {
  return Object.entries(deployments).flatMap(([deployment, planned]) => {
    const { model, adapter, context, parallel, threads, cache, instances } = planned;
    return instances.map(({ replica, gpus }) => ({
      ...{ deployment, replica, model: model.digest, context, parallel, threads, gpus },
      ...(adapter !== undefined && { adapter: adapter.digest }),
      ...(cache !== undefined && { cache }),
    }));
  });
}
