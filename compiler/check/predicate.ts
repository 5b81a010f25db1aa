import {
  PREDICATE_DEPTH,
  PREDICATE_PARTS,
  type Predicate,
  type PredicateVariable,
  predicateVariables,
} from "@millwright/schema";
import {
  bool,
  int,
  type Node,
  type Place,
  parseExpression,
  type Slip,
  showType,
  type Type,
  typeCheck,
} from "../cel/cel.ts";

/** A text of CEL as hosts evaluate it, or every place that is wrong. */
export type Predicating =
  | { readonly ok: true; readonly predicate: Predicate }
  | {
      readonly ok: false;
      /** Whether it is no CEL at all, or CEL that nobody could evaluate. */
      readonly what: "syntax" | "type";
      readonly slips: readonly Slip[];
    };

/** The variables of a predicate, as the types of CEL. */
export function predicateTypes(): ReadonlyMap<string, Type> {
  return new Map(
    Object.entries(predicateVariables).map(([name, said]): [string, Type] => {
      if (said.type === "int") return [name, int];
      if (said.type === "bool") return [name, { ...bool }];
      const oneOf = "oneOf" in said ? { oneOf: said.oneOf, closed: true } : {};
      return [name, { kind: "string", ...oneOf }];
    }),
  );
}

export function predicateOf(text: string): Predicating {
  const parsed = parseExpression(text);
  if (!parsed.ok) return { ok: false, what: "syntax", slips: [parsed.slip] };
  const { type, slips } = typeCheck(parsed.node, predicateTypes());
  const { predicate, refused } = translated(parsed.node);
  const all = [...slips, ...(slips.length === 0 ? refused : [])];
  if (all.length === 0 && type.kind !== "bool")
    all.push({
      ...{ from: 0, to: text.length },
      message: `when gives ${showType(type)}, and must give a bool`,
      cure: "compare it with something",
    });
  return all.length === 0 ? { ok: true, predicate } : { ok: false, what: "type", slips: all };
}

const operators: Readonly<Record<string, string>> = {
  "_==_": "==",
  "_!=_": "!=",
  "_<_": "<",
  "_<=_": "<=",
  "_>_": ">",
  "_>=_": ">=",
  "!_": "not",
  startsWith: "startsWith",
  endsWith: "endsWith",
  contains: "contains",
};

const MORE =
  "a route compares its variables with values: ==, !=, <, <=, >, >=, in, &&, ||, !, ? :, startsWith, endsWith, contains";

/** What hosts evaluate is less than CEL: no part of it can fail, and each takes about as long as any other. */
function translated(root: Node): {
  readonly predicate: Predicate;
  readonly refused: readonly Slip[];
} {
  const refused: Slip[] = [];
  let parts = 0;
  const refuse = ({ from, to }: Place, message: string, cure = MORE): Predicate => {
    if (refused.length === 0) refused.push({ from, to, message, cure });
    return false;
  };
  const read = (node: Node, depth: number): Predicate => {
    parts += 1;
    if (parts > PREDICATE_PARTS)
      return refuse(node, `it has more than ${PREDICATE_PARTS} parts`, "make two choices of it");
    if (depth > PREDICATE_DEPTH)
      return refuse(node, `parts are nested more than ${PREDICATE_DEPTH} deep`, "flatten it");
    const inner = (part: Node) => read(part, depth + 1);
    switch (node.kind) {
      case "literal":
        return literal(node, refuse);
      case "name":
        return { read: node.name as PredicateVariable };
      case "both":
      case "either": {
        const of = flat(node, node.kind).map(inner);
        return { do: node.kind === "both" ? "all" : "any", of };
      }
      case "choice":
        return { do: "choose", of: [node.test, node.yes, node.no].map(inner) };
      case "call":
        return called(node, inner, refuse);
      default:
        return refuse(node, "a host does not evaluate this");
    }
  };
  const predicate = read(root, 0);
  return { predicate, refused };
}

function literal(
  node: Extract<Node, { kind: "literal" }>,
  refuse: (place: Place, message: string, cure?: string) => Predicate,
): Predicate {
  const { value } = node;
  if (value === null) return refuse(node, "nothing is ever null", "take it out");
  if (typeof value !== "bigint") return value;
  const plain = Number(value);
  return Number.isSafeInteger(plain)
    ? plain
    : refuse(node, "the number is too large", "write a smaller one");
}

function called(
  node: Extract<Node, { kind: "call" }>,
  inner: (part: Node) => Predicate,
  refuse: (place: Place, message: string, cure?: string) => Predicate,
): Predicate {
  const [first, second] = node.args;
  if (node.name === "@in" && first !== undefined && second?.kind === "list") {
    const items = second.items.map(inner);
    // In an empty list there is nothing.
    return items.length === 0 ? false : { do: "some", of: [inner(first), ...items] };
  }
  // The parser writes a negative number as a number, but for one in brackets.
  if (node.name === "-_" && first?.kind === "literal") {
    const { value } = first;
    if (typeof value === "bigint" || typeof value === "number") return -Number(value);
  }
  const operator = Object.hasOwn(operators, node.name) ? operators[node.name] : undefined;
  if (operator === undefined) return refuse(node, "a host does not evaluate this");
  return { do: operator, of: node.args.map(inner) };
}

/** `a && b && c` in one level, however the parser nests it. */
function flat(node: Node, kind: "both" | "either"): readonly Node[] {
  const found: Node[] = [];
  const open: Node[] = [node];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    if (each.kind === kind && (each.kind === "both" || each.kind === "either"))
      open.push(each.right, each.left);
    else found.push(each);
  }
  return found;
}
