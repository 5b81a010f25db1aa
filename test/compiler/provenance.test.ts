/** Every value of a plan can say where it comes from. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { trace } from "../../compiler/provenance/provenance.ts";
import { readFolder, type SourceTree } from "../../compiler/source/source.ts";

const signal = new AbortController().signal;
const root = join(import.meta.dirname, "../..");

function leavesOf(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, part]) =>
    leavesOf(part, /[.:]/.test(key) ? `${path}["${key}"]` : path === "" ? key : `${path}.${key}`),
  );
}

/** Each link as `what: text`. */
function told(tree: SourceTree, host: string, path: string): readonly string[] {
  const traced = trace(tree, host, path);
  if (traced.kind !== "traced") return [JSON.stringify(traced)];
  return traced.chain.map(({ what, at }) => {
    if (at === undefined) return what;
    const text = new TextDecoder().decode(tree.files.get(at.file)).slice(at.start, at.end);
    return `${what}: ${text.replace(/\s+/g, " ")}`;
  });
}

async function withFile(path: string, change: (text: string) => string): Promise<SourceTree> {
  const tree = await readFolder(root, signal);
  const text = new TextDecoder().decode(tree.files.get(path));
  return { ...tree, files: new Map([...tree.files, [path, Buffer.from(change(text))]]) };
}

test("every leaf of every plan of the example is explained, down to something written or computed", async () => {
  const tree = await readFolder(root, signal);
  const compiled = compile(tree);
  if (!compiled.ok) throw new Error("the example does not compile");
  for (const { plan } of compiled.value.plans.values()) {
    for (const leaf of leavesOf(plan)) {
      const traced = trace(tree, plan.host, leaf);
      expect(traced.kind, `${plan.host} ${leaf}`).toBe("traced");
      if (traced.kind !== "traced") continue;
      expect(traced.chain.length, `${plan.host} ${leaf}`).toBeGreaterThan(0);
      for (const { what, at } of traced.chain) {
        expect(what).not.toBe("");
        if (at !== undefined) expect(tree.files.has(at.file), leaf).toBe(true);
      }
    }
  }
}, 60_000);

test("a value is followed through names, calls, defaults and spreads to its literal", async () => {
  const tree = await withFile("factories/support.ts", (text) =>
    text
      .replace(
        "export const support",
        "const standard = { context: 512 * 2, spread: 'host' } as const;\nfunction sized(parallel: number, replicas = 2) { return { ...standard, parallel, replicas }; }\nconst four = 4;\nexport const support",
      )
      .replace("replicas: 2,", "...sized(four),")
      .replace("context: 1024,", "")
      .replace("parallel: 4,", "")
      .replace('spread: "host",', ""),
  );
  expect(told(tree, "fra-1", "deployments.triage.parallel")).toEqual([
    "factory support, deployments.triage.parallel: parallel",
    "through parallel: parallel",
    "through four: four",
    "literal: 4",
    "spread: ...sized(four)",
  ]);
  expect(told(tree, "fra-1", "deployments.triage.context")).toEqual([
    "factory support, deployments.triage.context: 512 * 2",
    "computed: 512 * 2",
    "literal: 512",
    "literal: 2",
    "spread: ...sized(four)",
    "spread: ...standard",
  ]);
  expect(told(tree, "fra-1", "deployments.triage.instances")).toContain("default: 2");
});

test("what the lock and the compiler bring is named as such", async () => {
  const tree = await withFile("factories/fleet.ts", (text) =>
    text.replace(/ *telemetry: .*\n/, ""),
  );
  expect(told(tree, "fra-1", "telemetry.everyMs")).toEqual(["default of the compiler"]);
  expect((await told(tree, "fra-1", "deployments.triage.model.digest")).at(-1)).toMatch(
    /^lock of file:models\/mail-triage\.gguf: sha256:[0-9a-f]{64}$/,
  );
});

test("a host or a path that is not there is told with what there is", async () => {
  const tree = await readFolder(root, signal);
  expect(trace(tree, "fra-9", "site")).toEqual({
    kind: "nowhere",
    why: "there is no host fra-9; there are fra-1, fra-2, zrh-1",
  });
  for (const [path, why] of [
    ["nothing", /^the plan of fra-1 has no nothing at its top; there is schema, host, key/],
    ["deployments.nope", /no nope in deployments; there is triage/],
    ["site.x", /no x in site; there is nothing/],
    ["a..b", /no path a\.\.b/],
    ["", /no path/],
    ["deployments.__proto__", /no __proto__/],
    ["hubs.length", /no length/],
  ] as const) {
    const traced = trace(tree, "fra-1", path);
    expect(traced.kind).toBe("nowhere");
    if (traced.kind === "nowhere") expect(traced.why).toMatch(why);
  }
});
