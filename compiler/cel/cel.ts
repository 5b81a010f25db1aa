/**
 * CEL (https://cel.dev): the expressions of policies and of routes.
 *
 * In: a text, and the types of the variables that it may read. Out: a tree, the type of what it gives, every place that
 * is wrong; and a function that evaluates it. Promise: pure; evaluation reaches nothing but the values handed in, and
 * ends after a number of steps.
 */
export { runnable } from "./evaluate.ts";
export { Failed } from "./failed.ts";
export { Exhausted, type Meter, POLICY_STEPS, TOTAL_STEPS } from "./meter.ts";
export type { Node, Place, Slip } from "./node.ts";
export { parseExpression } from "./parse.ts";
export type { Run, Slots } from "./run.ts";
export {
  any,
  bool,
  double,
  duration,
  type Field,
  int,
  listOf,
  mapOf,
  type ObjectType,
  showType,
  string,
  type Type,
} from "./type.ts";
export { typeCheck } from "./type-check.ts";
export { equal, type Value } from "./value.ts";
