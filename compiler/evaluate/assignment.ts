import { ts } from "ts-morph";
import { property, propertyKey } from "./access.ts";
import { budget } from "./budget.ts";
import { refuseChange } from "./change.ts";
import { type Interpreter, notInTheLanguage } from "./interpreter.ts";
import { calculated } from "./operators.ts";
import { declaring, type Scope } from "./scope.ts";
import { failed, isNullish, isTruthy, scalar, setField, type Value } from "./value.ts";

const { SyntaxKind } = ts;

/** `+=` and so on, by the operator that they calculate with. */
const compound: ReadonlyMap<ts.SyntaxKind, ts.SyntaxKind> = new Map([
  [SyntaxKind.PlusEqualsToken, SyntaxKind.PlusToken],
  [SyntaxKind.MinusEqualsToken, SyntaxKind.MinusToken],
  [SyntaxKind.AsteriskEqualsToken, SyntaxKind.AsteriskToken],
  [SyntaxKind.SlashEqualsToken, SyntaxKind.SlashToken],
  [SyntaxKind.PercentEqualsToken, SyntaxKind.PercentToken],
  [SyntaxKind.AsteriskAsteriskEqualsToken, SyntaxKind.AsteriskAsteriskToken],
  [SyntaxKind.AmpersandEqualsToken, SyntaxKind.AmpersandToken],
  [SyntaxKind.BarEqualsToken, SyntaxKind.BarToken],
  [SyntaxKind.CaretEqualsToken, SyntaxKind.CaretToken],
  [SyntaxKind.LessThanLessThanEqualsToken, SyntaxKind.LessThanLessThanToken],
  [SyntaxKind.GreaterThanGreaterThanEqualsToken, SyntaxKind.GreaterThanGreaterThanToken],
  [
    SyntaxKind.GreaterThanGreaterThanGreaterThanEqualsToken,
    SyntaxKind.GreaterThanGreaterThanGreaterThanToken,
  ],
]);

/** `??=`, `||=`, `&&=`: whether the old value gives way. */
const conditional: ReadonlyMap<ts.SyntaxKind, (old: Value) => boolean> = new Map([
  [SyntaxKind.QuestionQuestionEqualsToken, isNullish],
  [SyntaxKind.BarBarEqualsToken, (old: Value) => !isTruthy(old)],
  [SyntaxKind.AmpersandAmpersandEqualsToken, isTruthy],
]);

export function isAssignment(operator: ts.SyntaxKind): boolean {
  return operator === SyntaxKind.EqualsToken || compound.has(operator) || conditional.has(operator);
}

/** What can be assigned to: a name, a field, an element. Through parentheses, casts and `!`. */
export function targetOf(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node)
    ? targetOf(node.expression)
    : node;
}

/** A place that holds a value: found once, read and written. */
interface Slot {
  read(): Value;
  write(value: Value): Value;
}

export function assign(interpreter: Interpreter, node: ts.BinaryExpression, scope: Scope): Value {
  const operator = node.operatorToken.kind;
  const slot = slotOf(interpreter, targetOf(node.left), scope);
  if (slot === undefined) return failed;
  const calculate = compound.get(operator);
  const givesWay = conditional.get(operator);
  if (calculate === undefined && givesWay === undefined)
    return written(slot, interpreter.evaluate(node.right, scope));
  const old = slot.read();
  if (old.kind === "failed") return failed;
  if (givesWay !== undefined)
    return givesWay(old) ? written(slot, interpreter.evaluate(node.right, scope)) : old;
  if (calculate === undefined) return failed;
  const right = interpreter.evaluate(node.right, scope);
  const sides = { node, left: node.left, right: node.right };
  return written(slot, calculated(interpreter, calculate, old, right, sides));
}

/** `n++`, `--n`: the old number, or the new one. */
export function step(
  interpreter: Interpreter,
  node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
  scope: Scope,
): Value {
  const slot = slotOf(interpreter, targetOf(node.operand), scope);
  if (slot === undefined) return failed;
  const old = slot.read();
  if (old.kind === "failed") return failed;
  if (old.kind !== "scalar")
    return notInTheLanguage(
      interpreter,
      "counting a list, an object or a function",
      node,
      "count a number",
    );
  const at = interpreter.spanOf(node);
  const before = scalar(Number(old.value), at);
  const by = node.operator === SyntaxKind.PlusPlusToken ? 1 : -1;
  const after = written(slot, scalar(Number(old.value) + by, at));
  return ts.isPrefixUnaryExpression(node) || after.kind === "failed" ? after : before;
}

function written(slot: Slot, value: Value): Value {
  return value.kind === "failed" ? failed : slot.write(value);
}

function slotOf(interpreter: Interpreter, node: ts.Expression, scope: Scope): Slot | undefined {
  if (ts.isIdentifier(node)) return nameSlot(interpreter, node, scope);
  if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) return undefined;
  const target = interpreter.evaluate(node.expression, scope);
  const key = ts.isPropertyAccessExpression(node)
    ? node.name.text
    : propertyKey(
        interpreter,
        interpreter.evaluate(node.argumentExpression, scope),
        node.argumentExpression,
      );
  if (target.kind === "failed" || key === undefined) return undefined;
  return {
    read: () => property(interpreter, target, key, node),
    write: (value) => writeMember(interpreter, target, key, value, node),
  };
}

function nameSlot(interpreter: Interpreter, node: ts.Identifier, scope: Scope): Slot {
  return {
    read: () => interpreter.evaluate(node, scope),
    write: (value) => {
      const { text } = node;
      const declared = declaring(scope, text);
      if (declared === undefined || !declared.assignable?.has(text))
        return interpreter.refuse(
          "evaluate/type-error",
          `${text} cannot be given another value`,
          node,
          declared === undefined ? "declare it with let" : "declare another const, or use let",
        );
      if (declared.names.get(text) === undefined)
        return interpreter.refuse(
          "evaluate/used-before-declared",
          `${text} is used before it is declared`,
          node,
          "move its declaration up",
        );
      if (declared.call?.running !== true)
        return interpreter.refuse(
          "evaluate/changed-from-outside",
          `${text} belongs to a call that is over`,
          node,
          "return a value instead of keeping state",
        );
      declared.names.set(text, value);
      return value;
    },
  };
}

function writeMember(
  interpreter: Interpreter,
  target: Value,
  key: string,
  value: Value,
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
): Value {
  if (isNullish(target))
    return interpreter.refuse(
      "evaluate/type-error",
      "there is nothing here that could have a field",
      node,
      "make an object first: const object = {}",
    );
  if (target.kind === "list") return writeElement(interpreter, target, key, value, node);
  if (target.kind !== "fields")
    return notInTheLanguage(
      interpreter,
      "giving a field to anything but an object or a list",
      node,
      "make an object",
    );
  if (key === "__proto__")
    return notInTheLanguage(interpreter, "the key __proto__", node, "choose another name");
  if (refuseChange(interpreter, node, target)) return failed;
  const at = interpreter.spanOf(node);
  const isNew = !target.fields.has(key);
  if (isNew && target.fields.size >= budget.items)
    return interpreter.refuse(
      "evaluate/too-large",
      `an object of more than ${budget.items.toLocaleString("en")} fields`,
      node,
      "make a smaller object",
    );
  // A new key that is a whole number moves to its place among the others.
  const cost = isNew && /^\d/.test(key) ? target.fields.size : 0;
  if (!interpreter.run.spend(cost, at)) return failed;
  setField(target, key, { key: at, value, place: at });
  return value;
}

function writeElement(
  interpreter: Interpreter,
  list: Extract<Value, { kind: "list" }>,
  key: string,
  value: Value,
  node: ts.Node,
): Value {
  const index = /^(0|[1-9]\d*)$/.test(key) ? Number(key) : -1;
  if (index < 0 || index > list.items.length)
    return notInTheLanguage(
      interpreter,
      "giving a list anything but its elements in turn",
      node,
      "use push, or make an object",
    );
  if (refuseChange(interpreter, node, list)) return failed;
  if (index >= budget.items)
    return interpreter.refuse(
      "evaluate/too-large",
      `a list of more than ${budget.items.toLocaleString("en")} elements`,
      node,
      "make a shorter list",
    );
  list.items[index] = value;
  return value;
}
