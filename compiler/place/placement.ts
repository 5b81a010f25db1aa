import type { Deployment, Host } from "@millwright/schema";
import type { Fit } from "../fit/fit.ts";
import type { LockedArtifact, ModelFacts } from "../lock/lock.ts";

/** A deployment with all that placing it needs. */
export interface Wanted {
  readonly name: string;
  readonly factory: string;
  readonly deployment: Deployment;
  readonly model: LockedArtifact & { readonly facts: ModelFacts };
  readonly adapter: LockedArtifact | undefined;
  readonly fit: Fit;
  /** Regions where its data may be; `undefined` where nothing limits it. */
  readonly regions: ReadonlySet<string> | undefined;
}

/** One replica and where it stands. */
export interface Placed {
  readonly wanted: Wanted;
  readonly replica: number;
  readonly host: string;
  /** Indices on the host; none on the cores. */
  readonly gpus: readonly number[];
}

/** Every replica of every deployment, somewhere it may be and fits. */
export interface Placement {
  readonly placed: readonly Placed[];
}

/** What is left of one host while replicas are put on it. */
export interface Room {
  readonly host: Host;
  /** Bytes of main memory for models that are free. */
  memory: number;
  /** Free bytes of each GPU. */
  readonly gpus: number[];
}
