import Type, { type TUnsafe } from "typebox";

/**
 * What a predicate of a route can read of a task, and of which type each is. Words are one of a list, where there is
 * one. Whoever evaluates has a value for each of them, always: no evaluation fails.
 */
export const predicateVariables = {
  task: { type: "string" },
  operation: {
    type: "string",
    oneOf: ["chat", "text_completion", "embeddings", "rerank", "responses"],
  },
  tokens: { type: "int" },
  messages: { type: "int" },
  tools: { type: "bool" },
  schema: { type: "bool" },
  stream: { type: "bool" },
  language: { type: "string" },
  caller: { type: "string" },
  priority: { type: "string", oneOf: ["high", "normal", "low"] },
} as const satisfies Readonly<
  Record<string, { readonly type: "string" | "int" | "bool"; readonly oneOf?: readonly string[] }>
>;
export type PredicateVariable = keyof typeof predicateVariables;

/** What can be done to the parts of a predicate. `some` looks for the first among all others; `choose` is `a ? b : c`. */
export const predicateOperators = [
  ...["all", "any", "not", "choose"],
  ...["==", "!=", "<", "<=", ">", ">="],
  ...["some", "startsWith", "endsWith", "contains"],
] as const;

/** An expression as hosts evaluate it: a value, a variable, or something that is done to other expressions. */
export type Predicate =
  | boolean
  | number
  | string
  | { readonly read: PredicateVariable }
  | { readonly do: string; readonly of: readonly Predicate[] };

/** Parts within parts, and parts of one: what is larger is refused where it is written. */
export const PREDICATE_DEPTH = 12;
export const PREDICATE_PARTS = 64;

// No schema that refers to itself: each level is written out, so what a reader takes is as deep as this and no deeper.
function levelOf(depth: number): object {
  const leaves = [
    { type: "boolean" },
    { type: "number" },
    { type: "string", maxLength: 1000 },
    objectOf({ read: { enum: Object.keys(predicateVariables) } }),
  ];
  if (depth === 0) return { anyOf: leaves };
  const of = { type: "array", items: levelOf(depth - 1), minItems: 1, maxItems: PREDICATE_PARTS };
  return { anyOf: [...leaves, objectOf({ do: { enum: [...predicateOperators] }, of })] };
}

function objectOf(properties: object): object {
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

export const PredicateSchema: TUnsafe<Predicate> = Type.Unsafe<Predicate>(levelOf(PREDICATE_DEPTH));
