import type { Expr, ParsedExpr } from "@bufbuild/cel-spec/cel/expr/syntax_pb.js";
import { type Macro, macros, type Node, type Place, type Slip } from "./node.ts";

/** Parts inside parts. Checker and evaluator call themselves for each. */
const DEEPEST = 200;

type Parsed = ParsedExpr & { readonly expr: Expr };

/** What the parser made of a text, without its envelopes and with macros as they were written. */
export function treeOf(parsed: Parsed, text: string): Node | Slip {
  const positions = parsed.sourceInfo?.positions ?? {};
  const expanded = parsed.sourceInfo?.macroCalls ?? {};
  let slip: Slip | undefined;

  /** Where a part stands: its name or its operator, as far as it can be told from where the parser saw it begin. */
  const placeOf = ({ id }: { readonly id: bigint }): Place => {
    const from = positions[String(id)] ?? 0;
    word.lastIndex = from;
    const length = word.exec(text)?.[0].length ?? 1;
    return { from, to: from + length };
  };
  /** The name after a dot. */
  const nameAfter = (expr: Expr, name: string): Place => {
    const { from } = placeOf(expr);
    const at = text.indexOf(name, from);
    return at < 0 ? { from, to: from + 1 } : { from: at, to: at + name.length };
  };
  const refuse = (place: Place, message: string, cure: string): Node => {
    slip ??= { ...place, message, cure };
    return { ...place, kind: "literal", value: null };
  };

  const read = (expr: Expr | undefined, depth: number): Node => {
    if (expr === undefined) throw new Error("impossible: the parser left out a part");
    const place = placeOf(expr);
    if (depth > DEEPEST)
      return refuse(place, `parts are nested more than ${DEEPEST} deep`, "make two policies of it");
    const inner = (part: Expr | undefined) => read(part, depth + 1);
    const { exprKind } = expr;
    switch (exprKind.case) {
      case "constExpr": {
        const { constantKind } = exprKind.value;
        switch (constantKind.case) {
          case "nullValue":
            return { ...place, kind: "literal", value: null };
          case "boolValue":
          case "doubleValue":
          case "stringValue":
            return { ...place, kind: "literal", value: constantKind.value };
          case "int64Value":
            return BigInt.asIntN(64, constantKind.value) === constantKind.value
              ? { ...place, kind: "literal", value: constantKind.value }
              : refuse(place, "the number is beyond 64 bits", "write it with a point: 1e30");
          case "uint64Value":
            return refuse(place, "definitions hold no uint", "write the number without u");
          default:
            return refuse(place, "definitions hold no bytes", "write a text without b");
        }
      }
      case "identExpr":
        return { ...place, kind: "name", name: exprKind.value.name };
      case "selectExpr": {
        const { operand, field, testOnly } = exprKind.value;
        const of = inner(operand);
        const at = testOnly ? { from: of.to, to: of.to } : nameAfter(expr, field);
        const from = testOnly ? Math.max(text.indexOf(field, of.to), place.from) : at.from;
        return { from, to: from + field.length, kind: "field", of, field, has: testOnly };
      }
      case "listExpr":
        return { ...place, kind: "list", items: exprKind.value.elements.map(inner) };
      case "structExpr": {
        const { entries, messageName } = exprKind.value;
        if (messageName !== "")
          return refuse(place, `there is no type ${messageName}`, "write a map: {'key': value}");
        return {
          ...place,
          kind: "map",
          entries: entries.map(({ keyKind, value }) => [
            inner(keyKind.case === "mapKey" ? keyKind.value : undefined),
            inner(value),
          ]),
        };
      }
      case "comprehensionExpr":
        return each(expr, inner);
      case "callExpr": {
        const { function: name, target, args } = exprKind.value;
        const [first, second, third] = args;
        if (name === "_&&_" || name === "_||_")
          return {
            ...place,
            kind: name === "_&&_" ? "both" : "either",
            left: inner(first),
            right: inner(second),
          };
        if (name === "_?_:_")
          return {
            ...place,
            kind: "choice",
            test: inner(first),
            yes: inner(second),
            no: inner(third),
          };
        const at = target === undefined ? place : nameAfter(expr, name);
        const parts = target === undefined ? args : [target, ...args];
        return { ...at, kind: "call", name, method: target !== undefined, args: parts.map(inner) };
      }
      default:
        throw new Error("impossible: a part of no kind");
    }
  };

  /** A macro, back from the loop that the parser made of it. */
  const each = (expr: Expr, inner: (part: Expr | undefined) => Node): Node => {
    if (expr.exprKind.case !== "comprehensionExpr") throw new Error("impossible: no loop");
    const { iterRange, iterVar, loopStep } = expr.exprKind.value;
    const call = expanded[String(expr.id)]?.exprKind;
    const written = call?.case === "callExpr" ? call.value : undefined;
    const macro = macroOf(written?.function);
    const step = argsOf(loopStep);
    const at = nameAfter(expr, written?.function ?? "");
    const over = inner(iterRange);
    const base = { ...at, kind: "each", macro, over, name: iterVar } as const;
    switch (macro) {
      case "all":
      case "exists":
        return { ...base, test: inner(step[1]), item: undefined };
      case "filter":
      case "exists_one":
        return { ...base, test: inner(step[0]), item: undefined };
      case "map": {
        const three = written?.args.length === 3;
        const [, appended] = three ? argsOf(step[1]) : step;
        const kind = appended?.exprKind;
        const item = kind?.case === "listExpr" ? kind.value.elements[0] : undefined;
        return { ...base, test: three ? inner(step[0]) : undefined, item: inner(item) };
      }
    }
  };

  const root = read(parsed.expr, 0);
  return slip ?? root;
}

/** A number, a text, a name or an operator. */
const word =
  /-?\d[\w.]*(?:(?<=[eE])[+-]\d+)?|[rRbB]*(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\.?\w+|[=!<>]=|&&|\|\||[\s\S]/y;

function argsOf(expr: Expr | undefined): readonly Expr[] {
  return expr?.exprKind.case === "callExpr" ? expr.exprKind.value.args : [];
}

function macroOf(name: string | undefined): Macro {
  const macro = name === "existsOne" ? "exists_one" : macros.find((each) => each === name);
  if (macro === undefined) throw new Error(`impossible: the parser knows a macro ${name}`);
  return macro;
}
