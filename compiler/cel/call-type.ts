import { didYouMean, nearest, shown } from "../diagnostic/diagnostic.ts";
import type { Complain } from "./complain.ts";
import { functions } from "./functions.ts";
import { macros, type Node } from "./node.ts";
import { isOperator, shownFunction } from "./operators.ts";
import type { Overload } from "./overload.ts";
import { any, bool, isNumber, join, meets, showType, type Type } from "./type.ts";

type Call = Extract<Node, { kind: "call" }>;

/** What a call gives; a complaint when it can give nothing. */
export function callType(node: Call, types: readonly Type[], wrong: Complain): Type {
  const [first = any, second = any] = types;
  switch (node.name) {
    case "_==_":
    case "_!=_":
      return equalityType(node, first, second, wrong);
    case "@in":
      return membershipType(node, first, second, wrong);
    case "_[_]":
      return indexType(node, first, second, wrong);
    default:
      return functionType(node, types, wrong);
  }
}

function equalityType(node: Call, a: Type, b: Type, wrong: Complain): Type {
  const operator = shownFunction(node.name);
  if (!meets(a, b)) {
    const absent = a.kind === "null" || b.kind === "null";
    return wrong(
      node,
      `${showType(a)} ${operator} ${showType(b)}: they are never equal`,
      absent
        ? "a field that was not written is not null: write has(…)"
        : "compare things of one type",
    );
  }
  complainOfNever(node, a, b, wrong);
  return bool;
}

/** Tells of a text that a field with a list of its values never has. */
function complainOfNever(node: Call, a: Type, b: Type, wrong: Complain): void {
  if (a.kind !== "string" || b.kind !== "string") return;
  const [known, asked] = a.closed === true ? [a, b] : [b, a];
  if (known.closed !== true || known.oneOf === undefined || asked.oneOf === undefined) return;
  const { oneOf } = known;
  const never = asked.oneOf.filter((each) => !oneOf.includes(each));
  const [word] = never;
  // Of what two fields may be, one word in common is enough.
  if (word === undefined || (asked.closed === true && never.length < asked.oneOf.length)) return;
  const parts = node.args.flatMap((arg) => (arg.kind === "list" ? arg.items : [arg]));
  const literal = parts.find((part) => part.kind === "literal" && part.value === word);
  const field = node.args.find((arg) => arg.kind === "field");
  const what = field?.kind === "field" ? field.field : "it";
  wrong(literal ?? node, `${what} is never ${shown(word)}`, didYouMean(word, oneOf));
}

function membershipType(node: Call, item: Type, all: Type, wrong: Complain): Type {
  const of = all.kind === "list" ? all.of : all.kind === "map" ? all.key : all;
  if (of === all && all.kind !== "any")
    return wrong(
      node,
      `in looks into lists and maps, and this is ${showType(all)}`,
      "name a list or a map",
    );
  if (!meets(item, of))
    return wrong(node, `${showType(item)} is never in ${showType(all)}`, "look for what it holds");
  complainOfNever(node, of, item, wrong);
  return bool;
}

function indexType(node: Call, of: Type, key: Type, wrong: Complain): Type {
  const takes =
    of.kind === "list" ? { kind: "int" as const } : of.kind === "map" ? of.key : undefined;
  if (of.kind === "any") return any;
  if (takes === undefined || (of.kind !== "list" && of.kind !== "map"))
    return wrong(
      node,
      `[…] is for lists and maps, and this is ${showType(of)}`,
      of.kind === "object" ? "write the field after a dot" : "name a list or a map",
    );
  if (!meets(key, takes))
    return wrong(
      node,
      `${showType(of)} has no place ${showType(key)}`,
      `write […] with ${showType(takes)}`,
    );
  return of.of;
}

function functionType(node: Call, types: readonly Type[], wrong: Complain): Type {
  const { name, method } = node;
  const all = functions.get(name) ?? [];
  if (all.length === 0) return wrong(node, `there is no function ${shown(name)}`, cureFor(node));
  const overloads = all.filter((each) => each.method === method);
  if (overloads.length === 0)
    return wrong(
      node,
      `${name}() is called ${method ? "without" : "with"} something before it`,
      method ? `write ${name}(x)` : `write x.${name}(…)`,
    );
  const counted = overloads.filter(({ takes }) => takes.length === types.length);
  if (counted.length === 0) {
    const wanted = (overloads[0]?.takes.length ?? 0) - (method ? 1 : 0);
    const given = types.length - (method ? 1 : 0);
    return wrong(
      node,
      `${name}() takes ${wanted} argument${wanted === 1 ? "" : "s"}, not ${given}`,
      `write ${signatures(name, overloads)}`,
    );
  }
  const fitting = counted.filter(({ takes }) =>
    takes.every((type, index) => accepts(type, types[index] ?? any)),
  );
  if (fitting.length === 0)
    return wrong(
      node,
      `${shownFunction(name)} does not take ${types.map(showType).join(isOperator(name) ? " and " : ", ")}`,
      operandCure(name, types) ?? `it takes ${signatures(name, counted)}`,
    );
  const [gives = any, ...others] = fitting.map(({ gives }) => gives);
  // Lists of the same keep what is known of their items.
  if (name === "_+_" && gives.kind === "list" && others.length === 0)
    return join(types[0] ?? any, types[1] ?? any);
  return others.every(({ kind }) => kind === gives.kind) ? gives : any;
}

/** Numbers are compared with one another, and only an int is an int. */
function accepts(type: Type, given: Type): boolean {
  return (
    meets(type, given) && (!isNumber(type) || given.kind === "any" || type.kind === given.kind)
  );
}

/** What to write where two operands do not go together. */
function operandCure(name: string, types: readonly Type[]): string | undefined {
  if (!isOperator(name) || types.length !== 2) return undefined;
  if (types.every(isNumber))
    return "calculate with two ints or two doubles: write 2.0, or double(x)";
  const kinds = types.map(({ kind }) => kind);
  if (!kinds.includes("string")) return "compare or join things of one type";
  if (kinds.includes("duration")) return "write a duration as duration('90d')";
  if (kinds.includes("timestamp")) return "write a time as timestamp('2026-01-31T08:00:00Z')";
  if (kinds.includes("int"))
    return "write a number without quotes; memory is a number of bytes: gib(64)";
  return "compare or join things of one type";
}

function signatures(name: string, overloads: readonly Overload[]): string {
  const shown = overloads.map(({ method, takes }) => {
    const [first = "", ...others] = takes.map(showType);
    if (isOperator(name)) return [first, ...others].join(" and ");
    return method
      ? `${first}.${name}(${others.join(", ")})`
      : `${name}(${[first, ...others].join(", ")})`;
  });
  return [...new Set(shown)].join("; ");
}

function cureFor({ name, args }: Call): string {
  if (name === "has") return "write has(x.field): it asks whether a field was written";
  const macro = macros.find((each) => each === name);
  if (macro !== undefined)
    return `write x.${macro}(item, …): the first is a new name${args.length > 1 ? ", and then comes what is asked of each" : ""}`;
  const known = [...functions.keys()].filter((each) => !isOperator(each));
  const close = nearest(name, [...known, ...macros, "has"]);
  return close === undefined ? "schema/POLICIES.md lists all functions" : `did you mean ${close}?`;
}
