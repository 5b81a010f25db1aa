import { Deployment, definitionSchemas, Route } from "@millwright/schema";

/** The part of JSON Schema that the schemas of definitions are written in. */
interface Shape {
  readonly "x-refers-to"?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly type?: string | readonly string[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
}

/** What the types of the schema are made with; word for word as the schema has it, which a test proves. */
const generics = `
export type Kind = keyof Definition;
export type Reference<K extends Kind> = string & { readonly "x-refers-to"?: K };
export interface Defined<K extends Kind> { readonly kind: K; readonly name: string }
export type Authored<T> = T extends string
  ? "x-refers-to" extends keyof T ? (T extends Reference<infer K> ? string | Defined<K> : T) : T
  : T extends readonly (infer Item)[] ? readonly Authored<Item>[]
  : T extends object ? { readonly [P in keyof T]: Authored<T[P]> }
  : T;
export type Fields<T> = Authored<Omit<T, "kind">>;
export type Written<K extends Kind, T> = Fields<T> & { readonly kind: K };
export type Classification = Dataset["classification"];
export type Purpose = Dataset["purposes"][number];
export declare function range(start: number, end?: number): number[];
export declare function gib(amount: number): number;
export declare function days(amount: number): string;
`;

/**
 * `@millwright/schema` as definitions see it: the author functions and their types, as one declaration file.
 * The schema itself would do, but it brings the whole of TypeBox, and tsc takes seven times as long over it.
 */
export function authorView(): string {
  const kinds = Object.entries(definitionSchemas).map(([kind, schema]) => {
    const type = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
    return {
      kind,
      type,
      text: `export type ${type} = ${typeOf(schema as Shape)};
export declare function ${kind}(fields: Fields<${type}>): Written<${JSON.stringify(kind)}, ${type}>;`,
    };
  });
  return [
    ...kinds.map(({ text }) => text),
    `export type Deployment = ${typeOf(Deployment as Shape)};`,
    `export type Route = ${typeOf(Route as Shape)};`,
    `export interface Definition { ${kinds.map(({ kind, type }) => `readonly ${kind}: ${type}`).join("; ")} }`,
    generics,
  ].join("\n");
}

/** A JSON Schema as a type of TypeScript. */
function typeOf(shape: Shape): string {
  if (shape["x-refers-to"] !== undefined)
    return `Reference<${JSON.stringify(shape["x-refers-to"])}>`;
  if (shape.const !== undefined) return JSON.stringify(shape.const);
  if (shape.enum !== undefined) return shape.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (shape.anyOf !== undefined) return shape.anyOf.map(typeOf).join(" | ");
  const types = typeof shape.type === "string" ? [shape.type] : (shape.type ?? []);
  return types.map((type) => ofType(type, shape)).join(" | ") || "unknown";
}

function ofType(type: string, shape: Shape): string {
  switch (type) {
    case "integer":
      return "number";
    case "array":
      return `(${typeOf(shape.items ?? {})})[]`;
    case "object":
      return objectOf(shape);
    default:
      return type;
  }
}

function objectOf({ properties = {}, patternProperties = {}, required = [] }: Shape): string {
  const [named] = Object.values(patternProperties);
  if (named !== undefined) return `Record<string, ${typeOf(named)}>`;
  const fields = Object.entries(properties).map(
    ([name, field]) =>
      `${JSON.stringify(name)}${required.includes(name) ? "" : "?"}: ${typeOf(field)}`,
  );
  return `{ ${fields.join("; ")} }`;
}
