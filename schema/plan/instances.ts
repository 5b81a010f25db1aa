import type { Digest } from "../value/value.ts";
import type { HostPlan, PlannedDeployment } from "./host-plan.ts";
import type { PlannedEngine } from "./planned-engine.ts";

/**
 * One instance that a plan wants: which bytes, on what, how large. Where two are equal the process that runs goes on over
 * a change of plans; where they are not, another one takes its place.
 */
export interface PlannedInstance {
  readonly deployment: string;
  readonly replica: number;
  readonly model: Digest;
  readonly adapter?: Digest;
  /** The name by which callers ask for the adapter; absent: it is the deployment itself. */
  readonly adapterName?: string;
  readonly context: number;
  readonly parallel: number;
  readonly threads: number;
  readonly cache?: NonNullable<PlannedDeployment["cache"]>;
  readonly engine?: PlannedEngine;
  readonly gpus: readonly number[];
}

/** All instances of a plan, in its order: of each place the deployment itself, then one for each adapter by name. */
export function instancesOf({
  deployments,
}: Pick<HostPlan, "deployments">): readonly PlannedInstance[] {
  return Object.entries(deployments).flatMap(([deployment, planned]) => {
    const {
      model,
      adapter,
      adapters = [],
      context,
      parallel,
      threads,
      cache,
      engine,
      instances,
    } = planned;
    return instances.flatMap(({ replica, gpus }) => {
      const place = {
        ...{ deployment, replica, model: model.digest, context, parallel, threads, gpus },
        ...(cache !== undefined && { cache }),
        ...(engine !== undefined && { engine }),
      };
      return [
        { ...place, ...(adapter !== undefined && { adapter: adapter.digest }) },
        ...adapters.map(({ name, digest }) => ({ ...place, adapter: digest, adapterName: name })),
      ];
    });
  });
}
