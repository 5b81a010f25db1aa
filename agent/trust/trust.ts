/**
 * Trust: from bytes that anybody may have sent to a plan that people agreed on.
 *
 * In: a delivery (files by name), the state folder, who we are, an instant.
 * Out: a verdict with a `VerifiedPlan`, or a refusal with a permanent code. Also how the host proves itself to its hub.
 * Promise: nothing else makes a `VerifiedPlan`; a refused delivery changes nothing on disk; what was accepted is one
 * file, written whole; expiry gates what is new and never what runs.
 */

export type { Self } from "./host-plan.ts";
export { hubToken } from "./hub-token.ts";
export { httpOrigin } from "./hub-url.ts";
export { openTrust, type Trust } from "./open-trust.ts";
export { pinRoot } from "./pin-root.ts";
export type { RefusalCode, Verdict } from "./verdict.ts";
export type { VerifiedPlan } from "./verified-plan.ts";
