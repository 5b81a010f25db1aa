/**
 * The definitions that people write, and the functions by which TypeScript writes them.
 *
 * In: plain objects. Out: the same objects with their `kind`; beside each function stands the TypeBox
 * schema of the same name, which is the static type, the JSON Schema for editors and the validator's rule.
 * Promise: a field stands here only when something obeys it. Author functions have no effect and no state.
 */
import type { TSchema } from "typebox";
import { Adapter } from "./adapter.ts";
import { Dataset } from "./dataset.ts";
import { declarationsOf } from "./declarations.ts";
import { Factory } from "./factory.ts";
import type { Kind } from "./field.ts";
import { Fleet } from "./fleet.ts";
import { Host } from "./host.ts";
import { Model } from "./model.ts";
import { Policy } from "./policy.ts";

export { Adapter, adapter } from "./adapter.ts";
export { AgentRelease } from "./agent-release.ts";
export { ApiKey } from "./api-key.ts";
export {
  type Classification,
  classifications,
  Dataset,
  dataset,
  type Purpose,
  purposes,
} from "./dataset.ts";
export { type Described, docOf } from "./doc.ts";
// Under names of their own, or declarations of what authors export could not name them.
export type {
  Adapter as WrittenAdapter,
  Dataset as WrittenDataset,
  Factory as WrittenFactory,
  Fleet as WrittenFleet,
  Host as WrittenHost,
  Model as WrittenModel,
  Policy as WrittenPolicy,
} from "./documented.ts";
export { ExternalEngine } from "./engine.ts";
export { Deployment, Factory, FeedbackRules, factory } from "./factory.ts";
export {
  type Authored,
  type Defined,
  type Fields,
  type Kind,
  kinds,
  type Reference,
  type Written,
} from "./field.ts";
export { Fleet, Freeze, fleet, Hub, hubUrl } from "./fleet.ts";
export { days, gib, range } from "./helper.ts";
export { Host, host } from "./host.ts";
export { Model, model, Smoke } from "./model.ts";
export { Policy, type PolicySubject, policy, policySubjects } from "./policy.ts";
export { type Choice, type Classifier, Route } from "./route.ts";

/** The definition of each kind. */
export interface Definition {
  readonly fleet: Fleet;
  readonly host: Host;
  readonly model: Model;
  readonly adapter: Adapter;
  readonly dataset: Dataset;
  readonly factory: Factory;
  readonly policy: Policy;
}

/** The schema of each kind. */
export const definitionSchemas: { readonly [K in Kind]: TSchema } = {
  fleet: Fleet,
  host: Host,
  model: Model,
  adapter: Adapter,
  dataset: Dataset,
  factory: Factory,
  policy: Policy,
};

/** This package as authors see it: one declaration file that needs nothing else, with all documentation. */
export function authorDeclarations(): string {
  return declarationsOf(definitionSchemas);
}
