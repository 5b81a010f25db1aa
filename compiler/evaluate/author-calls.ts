import { days, gib, kinds, range } from "@millwright/schema";
import type { Span } from "../diagnostic/diagnostic.ts";
import { budget } from "./budget.ts";
import type { Run } from "./run.ts";
import { type Callable, failed, fieldsOf, scalar, type Value } from "./value.ts";

/** What `import … from "@millwright/schema"` gives a definition file: the author functions and helpers, as the schema has them. */
export function authorFunctions(run: Run): ReadonlyMap<string, Value> {
  const callable = (call: Callable["call"]): Callable => ({
    kind: "callable",
    call,
    at: { file: "@millwright/schema", start: 0, end: 0 },
  });
  const helper = (calculate: (numbers: readonly number[], at: Span) => Value) =>
    callable((args, at) => {
      const numbers: number[] = [];
      for (const arg of args) {
        if (arg.kind === "failed") return failed;
        if (arg.kind !== "scalar" || typeof arg.value !== "number")
          return run.refuse("evaluate/type-error", "numbers are wanted here", at, "give numbers");
        numbers.push(arg.value);
      }
      return calculate(numbers, at);
    });
  return new Map<string, Value>([
    ...kinds.map((kind) => [kind, callable((args, at) => define(run, kind, args, at))] as const),
    ["range", helper(([start = Number.NaN, end], at) => rangeOf(run, start, end, at))],
    ["gib", helper(([amount = Number.NaN], at) => scalar(gib(amount), at))],
    ["days", helper(([amount = Number.NaN], at) => scalar(days(amount), at))],
  ]);
}

function define(run: Run, kind: string, args: readonly Value[], at: Span): Value {
  const [fields] = args;
  if (fields?.kind === "failed") return failed;
  if (fields?.kind !== "fields" || args.length !== 1) {
    return run.refuse(
      "evaluate/type-error",
      `${kind}() takes one object`,
      at,
      `write ${kind}({ name: "…", … })`,
    );
  }
  return fieldsOf([["kind", { key: at, value: scalar(kind, at) }], ...fields.fields], at, {
    definition: true,
  });
}

function rangeOf(run: Run, start: number, end: number | undefined, at: Span): Value {
  const length = end === undefined ? start : end - start;
  if (!(length <= budget.items)) {
    return run.refuse(
      "evaluate/too-large",
      `a range of ${length.toLocaleString("en")} elements; ${budget.items.toLocaleString("en")} is the most`,
      at,
      "make a shorter range",
    );
  }
  if (!run.spend(Math.max(0, length), at)) return failed;
  return {
    kind: "list",
    items: (end === undefined ? range(start) : range(start, end)).map((value) => scalar(value, at)),
    at,
    owner: run.call,
  };
}
