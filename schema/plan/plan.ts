/**
 * Plans and revisions: what the compiler renders, people sign and agents obey.
 *
 * In: values. Out: their one canonical text, its digest, the tree over all plans of a revision, and proofs in it.
 * Promise: two machines that hold the same plans get the same root, byte for byte.
 */
export { adapterNamesOf, askedAdapterOf } from "./asked-adapter.ts";
export { canonicalBytes, canonicalDigest } from "./canonical.ts";
export { type Delivery, delivered, deliveryLimitOf, deliveryLimits } from "./delivery.ts";
export {
  bracedIn,
  type EnginePlaceholder,
  enginePlaceholders,
  filledIn,
  refusedVariable,
} from "./engine-words.ts";
export { flowFaults } from "./flow-faults.ts";
export {
  type FreezeWindow,
  HostPlan,
  type PlannedApiKey,
  type PlannedDeployment,
  type PlannedFactory,
} from "./host-plan.ts";
export { instancesOf, type PlannedInstance } from "./instances.ts";
export { Inclusion, inclusionOf, isIncluded, leafOf, type PlanTree, planTreeOf } from "./leaf.ts";
export {
  inclusionProof,
  leafHash,
  type MerkleTree,
  rootOf,
  treeOf,
  verifyInclusion,
} from "./merkle.ts";
export type { Elsewhere, Neighbour } from "./neighbour.ts";
export { PlannedAgent, type Processor, processors } from "./planned-agent.ts";
export { ENGINE_VARIABLE_PATTERN, PlannedEngine } from "./planned-engine.ts";
export type { PlannedHardware } from "./planned-hardware.ts";
export type { PlannedChoice, PlannedRoute } from "./planned-route.ts";
export {
  PREDICATE_DEPTH,
  PREDICATE_PARTS,
  type Predicate,
  type PredicateVariable,
  predicateVariables,
} from "./predicate.ts";
export { REVISION_TYPE, Revision } from "./revision.ts";
export type { Peer, StoreSettings } from "./store-settings.ts";
export { unacknowledged } from "./unacknowledged.ts";
