import {
  canonicalBytes,
  type Digest,
  digestOf,
  type HostPlan,
  instancesOf,
  type PlannedDeployment,
} from "@millwright/schema";
import { digestOfSpec, type RunnerSpec } from "../runner/runner.ts";

/** One instance that a plan wants. */
export interface Wanted {
  readonly deployment: string;
  readonly replica: number;
  readonly spec: RunnerSpec;
  /** Of the specification: an instance whose digest is unchanged keeps its process over a change of plans. */
  readonly digest: Digest;
  readonly planned: PlannedDeployment;
  /** Of what it must show before it counts; absent when the plan asks for nothing. */
  readonly gate?: Digest;
}

/** All instances of a plan. `path` says where the bytes of a digest are, or will be. */
export function wantedOf(plan: HostPlan, path: (digest: Digest) => string): readonly Wanted[] {
  return instancesOf(plan).flatMap(({ model, adapter, gpus, ...size }) => {
    const { deployment, replica } = size;
    const planned = plan.deployments[deployment];
    if (planned === undefined) return [];
    const spec: RunnerSpec = {
      ...size,
      gpus: [...gpus],
      model: { digest: model, path: path(model) },
      ...(adapter !== undefined && { adapter: { digest: adapter, path: path(adapter) } }),
    };
    const gate = planned.smoke && digestOf(canonicalBytes(planned.smoke));
    return [
      { deployment, replica, spec, digest: digestOfSpec(spec), planned, ...(gate && { gate }) },
    ];
  });
}

/** The bytes that an instance needs. */
export function needsOf({ spec }: Wanted): readonly Digest[] {
  return spec.adapter === undefined
    ? [spec.model.digest]
    : [spec.model.digest, spec.adapter.digest];
}
