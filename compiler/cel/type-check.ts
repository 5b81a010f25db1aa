import { callType } from "./call-type.ts";
import type { Complain } from "./complain.ts";
import type { Node, Slip } from "./node.ts";
import { any, bool, int, join, listOf, mapOf, showType, type Type } from "./type.ts";
import { unknownField, unknownName } from "./unknown.ts";

export type Variables = ReadonlyMap<string, Type>;

export interface Checked {
  readonly type: Type;
  readonly slips: readonly Slip[];
  /** The variables that it reads. */
  readonly mentions: ReadonlySet<string>;
}

/**
 * What an expression gives, and every place where it cannot be evaluated. What follows from a slip is not told again:
 * the part that is wrong may be anything.
 */
export function typeCheck(root: Node, variables: Variables): Checked {
  const slips: Slip[] = [];
  const mentions = new Set<string>();

  const wrong: Complain = ({ from, to }, message, cure) => {
    slips.push({ from, to, message, cure });
    return any;
  };

  const truth = (node: Node, scope: Variables, of: string): Type => {
    const type = typeOf(node, scope);
    if (type.kind !== "bool" && type.kind !== "any")
      wrong(node, `${of} takes a bool, and this is ${showType(type)}`, "compare it with something");
    return bool;
  };

  const typeOf = (node: Node, scope: Variables): Type => {
    switch (node.kind) {
      case "literal":
        return literalType(node.value);
      case "name": {
        const type = scope.get(node.name);
        if (type === undefined) return wrong(node, ...unknownName(node.name, scope));
        if (variables.get(node.name) === type) mentions.add(node.name);
        return type;
      }
      case "field":
        return fieldType(node, typeOf(node.of, scope), wrong);
      case "call": {
        const types = node.args.map((each) => typeOf(each, scope));
        return callType(node, types, wrong);
      }
      case "both":
      case "either": {
        const operator = node.kind === "both" ? "&&" : "||";
        truth(node.left, scope, operator);
        return truth(node.right, scope, operator);
      }
      case "choice": {
        truth(node.test, scope, "?");
        const [yes, no] = [typeOf(node.yes, scope), typeOf(node.no, scope)];
        return join(yes, no);
      }
      case "list":
        return listOf(joined(node.items.map((each) => typeOf(each, scope))));
      case "map": {
        const keys = joined(node.entries.map(([key]) => typeOf(key, scope)));
        return mapOf(keys, joined(node.entries.map(([, value]) => typeOf(value, scope))));
      }
      case "each": {
        const over = typeOf(node.over, scope);
        const item = itemType(node, over, wrong);
        const inside = new Map(scope).set(node.name, { ...item });
        if (node.test !== undefined) truth(node.test, inside, `${node.macro}()`);
        const made = node.item === undefined ? item : typeOf(node.item, inside);
        return node.macro === "map" || node.macro === "filter" ? listOf(made) : bool;
      }
    }
  };

  return { type: typeOf(root, variables), slips, mentions };
}

function literalType(value: null | boolean | bigint | number | string): Type {
  if (value === null) return { kind: "null" };
  switch (typeof value) {
    case "boolean":
      return bool;
    case "bigint":
      return int;
    case "number":
      return { kind: "double" };
    default:
      return { kind: "string", oneOf: [value] };
  }
}

function joined(types: readonly Type[]): Type {
  const [first = any, ...others] = types;
  return others.reduce(join, first);
}

type FieldNode = Extract<Node, { kind: "field" }>;

function fieldType(node: FieldNode, of: Type, wrong: Complain): Type {
  const found = read(node, of, wrong);
  return node.has ? bool : found;
}

function read(node: FieldNode, of: Type, wrong: Complain): Type {
  switch (of.kind) {
    case "any":
      return any;
    case "map":
      if (of.key.kind === "string" || of.key.kind === "any") return of.of;
      return wrong(node, `the keys of ${showType(of)} are no names`, "write x[key]");
    case "object":
      return of.fields.get(node.field)?.type ?? wrong(node, ...unknownField(node.field, of));
    default:
      return wrong(
        node,
        `${showType(of)} has no field ${node.field}`,
        of.kind === "list" ? "ask one item, x[0], or all of them: x.all(item, …)" : "take it out",
      );
  }
}

function itemType(
  { over, macro }: Extract<Node, { kind: "each" }>,
  type: Type,
  wrong: Complain,
): Type {
  switch (type.kind) {
    case "any":
      return any;
    case "list":
      return type.of;
    case "map":
      return type.key;
    default: {
      const what =
        type.kind === "object" ? "a definition, whose fields have names" : showType(type);
      return wrong(
        over,
        `${macro}() goes through lists and maps, and this is ${what}`,
        "name a list or a map",
      );
    }
  }
}
