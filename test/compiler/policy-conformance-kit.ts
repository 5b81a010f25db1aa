/** The conformance tests of CEL itself, as far as they keep to what definitions hold. */
import { createRequire } from "node:module";
import { join } from "node:path";

/** The part of the suite's values that definitions know. */
interface Wire {
  readonly kind: { readonly case?: string | undefined; readonly value?: unknown };
}

/** The part of a test that is read here. */
interface Test {
  readonly original: {
    readonly name: string;
    readonly expr: string;
    readonly bindings: object;
    readonly container: string;
    readonly checkOnly: boolean;
    readonly resultMatcher:
      | { readonly case: "value"; readonly value: Wire }
      | { readonly case: "evalError" | undefined };
  };
}

interface Suite {
  readonly name: string;
  readonly suites: readonly Suite[];
  readonly tests: readonly Test[];
}

/** The suite belongs to the compiler's dependencies. */
const vectors: { readonly getConformanceSuite: () => Suite } = createRequire(
  join(import.meta.dirname, "../../compiler/compile.ts"),
)("@bufbuild/cel-spec/testdata/tests.js");

export interface Conformance {
  readonly name: string;
  readonly expr: string;
  /** As JSON-like text, `undefined` where an error is wanted. */
  readonly wanted: string | undefined;
}

const suites = [
  "basic",
  "comparisons",
  "conversions",
  "fp_math",
  "integer_math",
  "lists",
  "logic",
  "macros",
  "parse",
  "string",
  "timestamps",
];

/** What these are about no definition holds. */
const foreign =
  /\b\d+[uU]\b|0x[0-9a-fA-F]+[uU]|\b[bB][rR]?["']|\b[rR][bB]["']|TestAll|google\.|\buint\(|\bbytes\(|\btype\(|\btype\b|optional|_type/;

export function conformance(): readonly Conformance[] {
  const all = vectors.getConformanceSuite().suites.filter(({ name }) => suites.includes(name));
  return all.flatMap((suite) => testsOf(suite, suite.name));
}

function testsOf({ suites, tests }: Suite, path: string): readonly Conformance[] {
  return [
    ...tests.flatMap((test) => readTest(test, path) ?? []),
    ...suites.flatMap((suite) => testsOf(suite, `${path}/${suite.name}`)),
  ];
}

function readTest({ original }: Test, path: string): Conformance | undefined {
  const { name, expr, bindings, container, resultMatcher, checkOnly } = original;
  if (Object.keys(bindings).length > 0 || container !== "" || checkOnly || foreign.test(expr))
    return undefined;
  const named = { name: `${path}/${name}`, expr };
  switch (resultMatcher.case) {
    case "value": {
      const wanted = shownWire(resultMatcher.value);
      return wanted === undefined ? undefined : { ...named, wanted };
    }
    case undefined:
      return { ...named, wanted: "true" };
    case "evalError":
      return { ...named, wanted: undefined };
    default:
      return undefined;
  }
}

function shownWire({ kind }: Wire): string | undefined {
  switch (kind.case) {
    case "nullValue":
      return "null";
    case "boolValue":
    case "doubleValue":
      return Object.is(kind.value, -0) ? "0" : String(kind.value);
    case "int64Value":
      return `${kind.value}n`;
    case "stringValue":
      return JSON.stringify(kind.value);
    default:
      return undefined;
  }
}
