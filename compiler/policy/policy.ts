/**
 * Rules of the organisation's own, in CEL: over definitions, over plans, and over the change between two commits.
 *
 * In: linked definitions; for some rules the plans made of them, or those of another commit. Out: what is wrong with
 * the policies themselves, pointing into their text, and what they deny or warn of, where that stands.
 * Promise: pure; each expression is parsed and its types are checked once; evaluation reaches nothing but the values
 * handed in, and ends after a number of steps; whoever cannot judge (a field that is not there, too many steps) has not
 * allowed, which is an error.
 */
export { compilePolicies, type Policies, policyCompiler } from "./compiled.ts";
export { judgeChange } from "./judge-change.ts";
export { judgeDefinitions } from "./judge-definitions.ts";
export { judgePlans, type Plans } from "./judge-plans.ts";
