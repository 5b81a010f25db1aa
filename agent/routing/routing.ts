/**
 * A name into who may answer.
 *
 * In: the plan, and what a task asks for. Out: candidates in the order in which they are asked. Promise: pure, and
 * total: every name that the plan has gets an answer, without a look at the clock, the disk or an instance.
 */
export { type Candidate, candidatesOf } from "./candidate.ts";
