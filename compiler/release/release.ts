/**
 * Releases: what people sign, and how anyone can prove it.
 *
 * In: a compilation and private keys from outside the repository. Out: a commit on the branch `releases` with plans,
 * the revision and TUF metadata; and, for hub and auditors, that branch read back and proved.
 * Promise: the branch moves by whole, sufficiently signed revisions or not at all; work tree and index are never
 * touched; a refusal of trust is a verdict with a reason, not an error; time comes only as an argument.
 */
export type { CheckedPlans, ReadPlan } from "./checked-plans.ts";
export { deliveryFor } from "./delivery.ts";
export type { HostChanges } from "./host-changes.ts";
export { type Initialised, type InitRequest, initTrust } from "./init-trust.ts";
export {
  type AskPassphrase,
  defaultKeysDir,
  type Keys,
  makeKeys,
  makeSignerKey,
  readKey,
  readKeys,
} from "./keys.ts";
export type { Released } from "./land.ts";
export { type OnlineMetadata, type OnlineRequest, onlineMetadata } from "./online.ts";
export {
  type PublishedRevision,
  type PublishedRoots,
  readPlan,
  readRevision,
  readRoots,
} from "./published.ts";
export { type CompileCommit, type Recompiled, verifyRecompiled } from "./recompiled.ts";
export { type ReleaseRequest, release, type Unchanged } from "./release-revision.ts";
export { PENDING, PENDING_ROOT, RELEASES } from "./repository.ts";
export {
  makeRoot,
  type RoleKeys,
  type RoleName,
  rootFingerprint,
  type Trust,
} from "./root.ts";
export {
  type RoleChange,
  type Rotated,
  type RotateRequest,
  rotate,
  signRoot,
  standingTrust,
} from "./rotate.ts";
export { readPending, type SignRequest, sign } from "./sign.ts";
export { signerKeyOf } from "./signer-key.ts";
export type { SignerSource } from "./standing.ts";
export type { ReleasedSource } from "./statement.ts";
export type { TrustedRoot } from "./trusted-root.ts";
export { type Denied, type Reason, reasons, type Verdict } from "./verdict.ts";
export { type VerifiedRevision, type VerifyRequest, verifyBranch } from "./verify.ts";
