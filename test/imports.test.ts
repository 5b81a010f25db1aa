/**
 * The direction of imports, checked.
 *
 * Each list reads top to bottom: a folder may import the folders above it, never those below.
 * From outside a folder only its door may be imported: the file named like the folder.
 * A file beside the folders stands where the list names it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { ts } from "ts-morph";
import { expect, test } from "vitest";

const order = {
  schema: [
    "value",
    "author",
    "envelope",
    "sovereignty",
    "plan",
    "feedback",
    "status",
    "telemetry",
    "opamp",
    "validate",
    "schema.ts",
  ],
  compiler: [
    "failure.ts",
    "cache",
    "diagnostic",
    "source",
    "evaluate",
    "types",
    "engine",
    "cel",
    "check",
    "lock",
    "fit",
    "place",
    "relay",
    "sovereignty",
    "render",
    "policy",
    "compile.ts",
    "provenance",
    "release",
    "history",
    "audit",
    "compare",
    "hub",
    "bundle",
    "cli",
  ],
  agent: [
    "life",
    "service",
    "disk",
    "trust",
    "hardware",
    "store",
    "bundle",
    "runner",
    "reconcile",
    "routing",
    "relay",
    "gateway",
    "feedback",
    "telemetry",
    "link",
    "update",
    "agent.ts",
    "install",
    "doctor",
    "packaging",
    "cli",
  ],
  factories: [],
} as const satisfies Record<string, readonly string[]>;

type Workspace = keyof typeof order;
const workspaces = Object.keys(order) as Workspace[];

/** What a workspace may import of the others. */
const allowed: Record<Workspace, readonly string[]> = {
  schema: [],
  compiler: ["@millwright/schema", "@millwright/schema/opamp"],
  agent: ["@millwright/schema", "@millwright/schema/opamp"],
  factories: ["@millwright/schema"],
};

const files = workspaces.flatMap(sources);

test("a folder imports only what stands above it, by its door", () => {
  const complaints = files.flatMap((file) =>
    relativeImports(file).flatMap((target) => complaint(file, target) ?? []),
  );
  expect(complaints).toEqual([]);
});

test("compiler and agent never import one another, and factories import the schema alone", () => {
  const complaints = files.flatMap((file) => {
    const workspace = file.split(sep)[0] as Workspace;
    return imports(file)
      .filter((name) => name.startsWith("@millwright/") && !allowed[workspace].includes(name))
      .map((name) => `${file} must not import ${name}`);
  });
  expect(complaints).toEqual([]);
});

test("no file imports itself by way of others", () => {
  const graph = new Map(files.map((file) => [file, relativeImports(file, { values: true })]));
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      return;
    }
    state.set(file, "open");
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    state.set(file, "done");
  };
  for (const file of files) visit(file, []);
  expect(cycles).toEqual([]);
});

test("every folder has a door whose first lines say what it promises", () => {
  const complaints = workspaces.flatMap((workspace) =>
    order[workspace]
      .filter((entry: string) => !entry.endsWith(".ts"))
      .map((folder) => join(workspace, folder, `${folder}.ts`))
      .filter((door) => workspace !== "compiler" || basename(dirname(door)) !== "cli")
      .filter((door) => workspace !== "agent" || basename(dirname(door)) !== "cli")
      .filter((door) => !readFileSync(door, "utf8").startsWith("/**"))
      .map((door) => `${door} does not begin with what comes in, goes out and is promised`),
  );
  expect(complaints).toEqual([]);
});

function complaint(file: string, target: string): string | undefined {
  const [workspace = "", from = ""] = file.split(sep);
  const [other = "", to = "", ...rest] = target.split(sep);
  if (workspace !== other) return `${file} reaches into ${other} by path`;
  if (from === to) return undefined;
  const ranks: readonly string[] = order[workspace as Workspace];
  if (ranks.length === 0) return undefined;
  if (!ranks.includes(from)) return `${file}: ${from} has no place in the order`;
  if (!ranks.includes(to)) return `${target}: ${to} has no place in the order`;
  if (ranks.indexOf(to) > ranks.indexOf(from)) return `${file}: ${from} must not know of ${to}`;
  if (rest.length > 0 && rest.join(sep) !== `${to}.ts`) {
    return `${file}: enter ${to} by ${to}/${to}.ts, not ${target}`;
  }
  return undefined;
}

function imports(file: string): string[] {
  return ts
    .preProcessFile(readFileSync(file, "utf8"))
    .importedFiles.map(({ fileName }) => fileName);
}

/** With `values`, imports of types alone are left out: they vanish before anything runs. */
function relativeImports(file: string, { values = false } = {}): string[] {
  const text = readFileSync(file, "utf8");
  const typesOnly = new Set(
    values
      ? [...text.matchAll(/^(?:import|export) type [^;]*?from "([^"]+)"/gms)].map(
          ([, name]) => name,
        )
      : [],
  );
  return imports(file)
    .filter((name) => name.startsWith(".") && !/\.(js|json)$/.test(name) && !typesOnly.has(name))
    .map((name) => join(dirname(file), name));
}

function sources(root: Workspace): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .filter((file) => !file.includes("node_modules"))
    .map((file) => join(root, file));
}
