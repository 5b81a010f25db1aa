import type { TSchema } from "typebox";
import { AgentRelease } from "./agent-release.ts";
import { ApiKey } from "./api-key.ts";
import { type Described, docOf } from "./doc.ts";
import { ExternalEngine } from "./engine.ts";
import { Deployment, FeedbackRules } from "./factory.ts";
import type { Kind } from "./field.ts";
import { Freeze, Hub } from "./fleet.ts";
import { keyOf, literalOf } from "./literal.ts";
import { Smoke } from "./model.ts";
import { Choice, Classifier, Route } from "./route.ts";

/** The part of JSON Schema that the schemas of definitions are written in. */
interface Shape extends Described {
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[] | undefined;
  readonly examples?: readonly unknown[];
}

/** Parts of definitions that have a name of their own. */
const parts = {
  AgentRelease,
  ApiKey,
  Deployment,
  ExternalEngine,
  Choice,
  Classifier,
  Route,
  FeedbackRules,
  Freeze,
  Hub,
  Smoke,
} as Readonly<Record<string, Shape>>;

/** An optional field has a copy of its schema. */
const partsByShape = new Map(
  Object.entries(parts).map(([name, shape]) => [JSON.stringify(shape), name]),
);

/** Word for word what `field.ts` and `helper.ts` say, which a test holds. */
const constant = `/** A kind of definition. */
export type Kind = keyof Definition;

/** The name of another definition. Any string is accepted by the type; the compiler looks it up. */
export type Reference<K extends Kind> = string & { readonly "x-refers-to"?: K };

/** A definition as its author function returns it: enough to refer to it. */
export interface Defined<K extends Kind> {
  readonly kind: K;
  readonly name: string;
}

/** What an author may write: wherever a name is wanted, the definition itself will do. */
export type Authored<T> = T extends string
  ? "x-refers-to" extends keyof T
    ? T extends Reference<infer K>
      ? string | Defined<K>
      : T
    : T
  : T extends readonly (infer Item)[]
    ? readonly Authored<Item>[]
    : T extends object
      ? { readonly [P in keyof T]: Authored<T[P]> }
      : T;

/** What an author function takes: everything but the kind. */
export type Fields<T> = Authored<Omit<T, "kind">>;

/** What an author function gives back: what it took, and the kind. */
export type Written<K extends Kind, T> = Fields<T> & { readonly kind: K };

export type Classification = Dataset["classification"];

export type Purpose = Dataset["purposes"][number];

/** \`[0, 1, …, end - 1]\`, or from \`start\` to \`end - 1\`. */
export declare function range(start: number, end?: number): number[];

/** So many gibibytes, in bytes. */
export declare function gib(amount: number): number;

/** So many days, as a duration. */
export declare function days(amount: number): string;
`;

type Schemas = { readonly [K in Kind]: TSchema };

/**
 * The types of definitions, in which descriptions and examples of the schemas are what an editor shows on hover.
 * `documented.ts` holds this text.
 */
export function documentedTypes(schemas: Schemas): string {
  return [
    `/* Made from the schemas: do not edit by hand, run UPDATE_GOLDEN=1 npx vitest run test/schema/editor-types.test.ts */`,
    'import type { Reference } from "./field.ts";',
    ...Object.entries({ ...namedKinds(schemas), ...parts }).map(([name, shape]) =>
      typeText(name, shape),
    ),
  ].join("\n\n");
}

/**
 * `@millwright/schema` as authors see it: one declaration file, so that hover text, go to definition and completion
 * need nothing installed.
 */
export function declarationsOf(schemas: Schemas): string {
  const kinds = Object.entries(schemas) as [Kind, Shape][];
  const definitions = kinds.map(([kind]) => `  readonly ${kind}: ${typeNameOf(kind)};\n`);
  return [
    "/* Made by `millwright schema`: do not edit by hand. */",
    ...Object.entries({ ...namedKinds(schemas), ...parts }).map(([name, shape]) =>
      typeText(name, shape),
    ),
    ...kinds.map(([kind, shape]) => functionText(kind, shape)),
    `/** The definition of each kind. */\nexport interface Definition {\n${definitions.join("")}}`,
    constant,
  ].join("\n\n");
}

function namedKinds(schemas: Schemas): Readonly<Record<string, Shape>> {
  const kinds = Object.entries(schemas) as [Kind, Shape][];
  return Object.fromEntries(kinds.map(([kind, shape]) => [typeNameOf(kind), shape]));
}

function functionText(kind: Kind, { description = "", examples = [] }: Shape): string {
  const type = typeNameOf(kind);
  const doc = [description, ...examples.map((example) => exampleOf(kind, example))].join("\n\n");
  return `${comment(doc, "")}export declare function ${kind}(fields: Fields<${type}>): Written<${JSON.stringify(kind)}, ${type}>;`;
}

/** What stands in YAML with its kind is a call here. */
function exampleOf(kind: Kind, example: unknown): string {
  const { kind: _, ...fields } = example as { readonly kind: Kind };
  const [open, ...rest] = literalOf({ kind, ...fields }).split("\n");
  const lines = rest.filter((line) => !line.startsWith("  kind: "));
  return `@example\n${kind}(${[open, ...lines].join("\n")});`;
}

function typeNameOf(kind: Kind): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

function typeText(name: string, shape: Shape): string {
  return `${comment(shape.description ?? "", "")}export type ${name} = ${ownTypeOf(shape, "")};`;
}

/** A JSON Schema as a type of TypeScript. */
function typeOf(shape: Shape, indent: string): string {
  return (shape.properties && partsByShape.get(JSON.stringify(shape))) ?? ownTypeOf(shape, indent);
}

/** Written out, also where it has a name. */
function ownTypeOf(shape: Shape, indent: string): string {
  const kind = shape["x-refers-to"];
  if (kind !== undefined) return `Reference<${JSON.stringify(kind)}>`;
  if (shape.const !== undefined) return JSON.stringify(shape.const);
  if (shape.enum !== undefined) return shape.enum.map((one) => JSON.stringify(one)).join(" | ");
  const types = typeof shape.type === "string" ? [shape.type] : (shape.type ?? []);
  return types.map((type) => ofType(type, shape, indent)).join(" | ");
}

function ofType(type: string, shape: Shape, indent: string): string {
  if (type === "integer") return "number";
  if (type === "array") return `${inParentheses(typeOf(shape.items ?? {}, indent))}[]`;
  return type === "object" ? objectOf(shape, indent) : type;
}

/** `"a" | "b"`, before `[]` comes behind it. */
function inParentheses(type: string): string {
  return / \| /.test(type) && !type.startsWith("{") ? `(${type})` : type;
}

function objectOf({ properties = {}, patternProperties, required }: Shape, indent: string): string {
  const [named] = Object.values(patternProperties ?? {});
  if (named !== undefined) return `Record<string, ${typeOf(named, indent)}>`;
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(([name, field]) => {
    const mark = required?.includes(name) ? "" : "?";
    return `${comment(fieldDoc(field), inner)}${inner}${keyOf(name)}${mark}: ${typeOf(field, inner)};\n`;
  });
  return `{\n${fields.join("")}${indent}}`;
}

function fieldDoc(field: Shape): string {
  const examples = (field.examples ?? []).map((example) => `\`${literalOf(example)}\``);
  const doc = docOf(field, "typescript");
  return examples.length === 0 ? doc : `${doc}\n\nFor example ${examples.join(" or ")}.`;
}

function comment(text: string, indent: string): string {
  const lines = text.replaceAll("*/", "*\\/").split("\n");
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}
