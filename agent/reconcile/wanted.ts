import type { Digest, HostPlan, PlannedDeployment } from "@millwright/schema";
import { digestOfSpec, type RunnerSpec } from "../runner/runner.ts";

/** One instance that a plan wants. */
export interface Wanted {
  readonly deployment: string;
  readonly replica: number;
  readonly spec: RunnerSpec;
  /** Of the specification: an instance whose digest is unchanged keeps its process over a change of plans. */
  readonly digest: Digest;
  readonly planned: PlannedDeployment;
}

/** All instances of a plan. `path` says where the bytes of a digest are, or will be. */
export function wantedOf(plan: HostPlan, path: (digest: Digest) => string): readonly Wanted[] {
  return Object.entries(plan.deployments).flatMap(([deployment, planned]) =>
    planned.instances.map(({ replica, gpus }) => {
      const { model, adapter, context, parallel, threads, cache } = planned;
      const spec: RunnerSpec = {
        ...{ deployment, replica, context, parallel, threads, gpus: [...gpus] },
        ...(cache !== undefined && { cache }),
        model: { digest: model.digest, path: path(model.digest) },
        ...(adapter !== undefined && {
          adapter: { digest: adapter.digest, path: path(adapter.digest) },
        }),
      };
      return { deployment, replica, spec, digest: digestOfSpec(spec), planned };
    }),
  );
}

/** The bytes that an instance needs. */
export function needsOf({ spec }: Wanted): readonly Digest[] {
  return spec.adapter === undefined
    ? [spec.model.digest]
    : [spec.model.digest, spec.adapter.digest];
}
