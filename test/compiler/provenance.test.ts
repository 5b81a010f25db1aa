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

test.each([
  ["the example", (text: string) => text],
  [
    "hosts that answer for each other",
    (text: string) =>
      text.replaceAll(/(listen: "127\.0\.0\.1:74)(\d)0"/g, '$1$20", address: "127.0.0.1:74$22"'),
  ],
] as const)(
  "every leaf of every plan is explained, down to something written or computed: %s",
  async (_, change) => {
    const tree = await withFile("factories/hosts/frankfurt.ts", change);
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
  },
  60_000,
);

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

test("what a host says of its store, and who its peers are, is explained where it is written", async () => {
  const tree = await withFile("factories/hosts/frankfurt.ts", (text) =>
    text.replace(
      /gateway: \{ listen: "127\.0\.0\.1:(\d+)" \},/g,
      (all, port) =>
        `${all} store: { address: "10.0.0.1:${port}", bandwidth: "5MB", uploads: 2, mirrors: ["https://m.example"] },`,
    ),
  );
  expect(told(tree, "fra-1", "store.bandwidth.most")[0]).toContain("5MB");
  expect(told(tree, "fra-1", "store.mirrors[0]")[0]).toContain("https://m.example");
  expect(told(tree, "fra-1", "store.uploads")[0]).toContain("2");
  expect(told(tree, "fra-1", "peers[0].host")[0]).toContain("fra-2");
  expect(told(tree, "fra-1", "peers[0].address")[0]).toContain("10.0.0.1:7440");
  expect(told(tree, "fra-1", "peers[0].blobs")[0]).toContain("placement");
});

test("a pause is explained by who said it, and what is retired by all who did", async () => {
  const fleet = await withFile("factories/fleet.ts", (text) =>
    text.replace("hubs:", 'hold: "we move", retired: ["old"], maxStaleness: "30d", hubs:'),
  );
  const text = new TextDecoder().decode(fleet.files.get("factories/hosts/frankfurt.ts"));
  const own = text.replace('site: "fra"', 'site: "fra", retired: ["older"], hold: "a new fan"');
  expect(own).not.toBe(text);
  const path = "factories/hosts/frankfurt.ts";
  const tree = { ...fleet, files: new Map([...fleet.files, [path, Buffer.from(own)]]) };
  const said = async (field: string) => told(tree, "fra-1", field).join("\n");
  expect(await said("hold")).toContain("a new fan");
  expect(await said("hold")).not.toContain("we move");
  expect(await said("retired.0")).toContain("older");
  expect(await said("maxStalenessMs")).toContain("30d");
});

test("the agent of a plan comes from the host, else from the fleet, and its bytes from the lock", async () => {
  const source = (version: string) => `https://releases.example.org/${version}.tar.zst`;
  const release = (version: string) =>
    `agent: { version: "${version}", packages: { x64: "${source(version)}" } },`;
  const locked = (version: string, digit: string) =>
    `  ${source(version)}:\n    digest: sha256:${digit.repeat(64)}\n    size: 40000000\n    facts:\n      kind: agent\n      version: ${version}\n      processor: x64\n`;
  const tree = await withFile("factories/fleet.ts", (text) =>
    text.replace('name: "acme",', `name: "acme",\n  ${release("0.2.0")}`),
  );
  const change = (path: string, edit: (text: string) => string) => {
    const text = new TextDecoder().decode(tree.files.get(path));
    return [path, Buffer.from(edit(text))] as const;
  };
  const canary = {
    ...tree,
    files: new Map([
      ...tree.files,
      change("factories/hosts/frankfurt.ts", (text) =>
        text.replace('name: "fra-1",', `name: "fra-1",\n  ${release("0.3.0")}`),
      ),
      change(
        "factories/models.lock.yaml",
        (text) => `${text}${locked("0.2.0", "b")}${locked("0.3.0", "c")}`,
      ),
    ]),
  };
  const compiled = compile(canary);
  if (!compiled.ok) throw new Error(compiled.problems[0]?.message);
  for (const { plan } of compiled.value.plans.values())
    for (const leaf of leavesOf(plan).filter((path) => /^agent|sha256:[bc]/.test(path)))
      expect(trace(canary, plan.host, leaf).kind, `${plan.host} ${leaf}`).toBe("traced");
  const lockOf = (version: string) => `lock of ${source(version)}`;
  expect(told(canary, "fra-1", "agent.version")).toEqual([
    'host fra-1, agent.version: "0.3.0"',
    'literal: "0.3.0"',
  ]);
  expect(told(canary, "fra-2", "agent.packages.x64")).toEqual([
    `fleet acme, agent.packages.x64: "${source("0.2.0")}"`,
    `literal: "${source("0.2.0")}"`,
    expect.stringContaining(lockOf("0.2.0")),
  ]);
  const size = `blobs["sha256:${"c".repeat(64)}"].size`;
  expect(told(canary, "fra-1", size)).toContain(`${lockOf("0.3.0")}: 40000000`);
}, 60_000);
