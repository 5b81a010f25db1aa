import {
  canonicalBytes,
  type Digest,
  digestOf,
  type HostPlan,
  instancesOf,
  type PlannedDeployment,
} from "@millwright/schema";
import { digestOfSpec, type RunnerSpec, weightsOf } from "../runner/runner.ts";

/** One instance that a plan wants. */
export interface Wanted {
  readonly deployment: string;
  readonly replica: number;
  /** The name by which callers ask for its adapter; absent: it is the deployment itself. */
  readonly adapterName?: string;
  /** What a process holds for it: what has the same weights can be contexts of one process. */
  readonly weights: Digest;
  /** Bytes that it takes: with its weights, and as one more context over weights that are there. */
  readonly memory: { readonly whole: number; readonly context: number };
  readonly spec: RunnerSpec;
  /** Of the specification: an instance whose digest is unchanged keeps its process over a change of plans. */
  readonly digest: Digest;
  /** The same for every process that takes the place of one that has served long enough. */
  readonly origin: Digest;
  readonly planned: PlannedDeployment;
  /** What it must show before it counts; absent when the plan asks for nothing. */
  readonly smoke?: NonNullable<PlannedDeployment["smoke"]>;
  /** Of that. */
  readonly gate?: Digest;
}

/** All instances of a plan. `path` says where the bytes of a digest are, or will be. */
export function wantedOf(plan: HostPlan, path: (digest: Digest) => string): readonly Wanted[] {
  return instancesOf(plan).flatMap(({ model, adapter, gpus, ...size }) => {
    const { deployment, replica, adapterName } = size;
    const planned = plan.deployments[deployment];
    if (planned === undefined) return [];
    const spec: RunnerSpec = {
      ...size,
      gpus: [...gpus],
      model: { digest: model, path: path(model) },
      ...(adapter !== undefined && { adapter: { digest: adapter, path: path(adapter) } }),
    };
    const named = planned.adapters?.find(({ name }) => name === adapterName);
    const smoke = adapterName === undefined ? planned.smoke : named?.smoke;
    const gate = smoke && digestOf(canonicalBytes(smoke));
    return [
      {
        ...{ deployment, replica, spec, planned },
        ...{ digest: digestOfSpec(spec), origin: digestOfSpec(spec) },
        weights: weightsOf(spec),
        memory: memoryOf(planned, plan.blobs[model]?.size ?? 0),
        ...(adapterName !== undefined && { adapterName }),
        ...(smoke !== undefined && { smoke }),
        ...(gate !== undefined && { gate }),
      },
    ];
  });
}

/** What the plan says is for the weights and all contexts over them. */
function memoryOf({ memory, adapters = [] }: PlannedDeployment, weights: number) {
  const contexts = Math.max(0, memory - weights);
  return { whole: memory, context: Math.ceil(contexts / (1 + adapters.length)) };
}

/** The bytes that an instance needs. */
export function needsOf({ spec }: Wanted): readonly Digest[] {
  return spec.adapter === undefined
    ? [spec.model.digest]
    : [spec.model.digest, spec.adapter.digest];
}
