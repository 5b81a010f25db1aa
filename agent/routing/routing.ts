/**
 * A task into who may answer it.
 *
 * In: the plan, what is known of a task, what classifiers came to, which deployments fail. Out: candidates in the order
 * in which they are asked, and why; or which classifier is to be asked first. Promise: pure, and total: every name that
 * the plan has gets an answer, and the same evidence gives the same one, on any machine and at any time.
 */
export { type Breakers, breakersOf } from "./breaker.ts";
export type { Candidate } from "./candidate.ts";
export { type Decision, decide, type Evidence, type Ruling, reads } from "./decide.ts";
export { type Edits, editsBetween } from "./edit-distance.ts";
export { bodyFacts, type Explained, explained, readRecorded } from "./explain.ts";
export { estimatedTokens, type Facts } from "./facts.ts";
export { pointOf } from "./point.ts";
