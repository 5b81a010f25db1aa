import type { Predicate } from "@millwright/schema";
import type { Facts } from "./facts.ts";

type Value = string | number | boolean | undefined;

/**
 * Whether a predicate holds of a task. Total: the compiler has seen to it that all types fit, and what would not fit
 * is false. It takes as many steps as the predicate has parts, and texts are looked through once.
 */
export function holds(predicate: Predicate, facts: Facts): boolean {
  return valueIn(predicate, facts) === true;
}

function valueIn(predicate: Predicate, facts: Facts): Value {
  if (typeof predicate !== "object") return predicate;
  if ("read" in predicate) return facts[predicate.read];
  const { of } = predicate;
  const at = (index: number): Value => {
    const part = of[index];
    return part === undefined ? undefined : valueIn(part, facts);
  };
  switch (predicate.do) {
    case "all":
      return of.every((part) => valueIn(part, facts) === true);
    case "any":
      return of.some((part) => valueIn(part, facts) === true);
    case "not":
      return at(0) !== true;
    case "choose":
      return at(0) === true ? at(1) : at(2);
    case "==":
      return at(0) === at(1);
    case "!=":
      return at(0) !== at(1);
    case "some":
      return of.slice(1).some((part) => valueIn(part, facts) === at(0));
    case "startsWith":
    case "endsWith":
    case "contains":
      return texts(predicate.do, at(0), at(1));
    default:
      return compared(predicate.do, at(0), at(1));
  }
}

function texts(what: "startsWith" | "endsWith" | "contains", text: Value, part: Value): boolean {
  if (typeof text !== "string" || typeof part !== "string") return false;
  switch (what) {
    case "startsWith":
      return text.startsWith(part);
    case "endsWith":
      return text.endsWith(part);
    case "contains":
      return text.includes(part);
  }
}

function compared(operator: string, a: Value, b: Value): boolean {
  if (a === undefined || b === undefined || typeof a !== typeof b) return false;
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    default:
      return false;
  }
}

/** The variables that a predicate reads, in the order in which they stand. */
export function variablesIn(predicate: Predicate): readonly (keyof Facts)[] {
  if (typeof predicate !== "object") return [];
  if ("read" in predicate) return [predicate.read];
  return [...new Set(predicate.of.flatMap(variablesIn))];
}
