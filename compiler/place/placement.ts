import type { Classification, Deployment } from "@millwright/schema";
import type { Span } from "../diagnostic/diagnostic.ts";
import type { Fit } from "../fit/fit.ts";
import type { AgentsOf, LockedArtifact, ModelFacts } from "../lock/lock.ts";

/** A deployment with all that placing it needs. */
export interface Wanted {
  readonly name: string;
  readonly factory: string;
  readonly deployment: Deployment;
  readonly model: LockedArtifact & { readonly facts: ModelFacts };
  readonly adapter: LockedArtifact | undefined;
  /** By which callers may ask, by name. */
  readonly adapters: ReadonlyMap<string, LockedArtifact>;
  readonly fit: Fit;
  /** Regions where its data may be; `undefined` where nothing limits it. */
  readonly regions: ReadonlySet<string> | undefined;
  /** The most secret of the data that it works with. */
  readonly classification: Classification;
  /** Where the name of the deployment, or a field of it, is written. */
  readonly spanOf: (field?: keyof Deployment) => Span;
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
  /** The agent that each host is to run. */
  readonly agentsOf: AgentsOf;
}
