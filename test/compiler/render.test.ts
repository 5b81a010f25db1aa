import {
  canonicalBytes,
  digestOf,
  flowFaults,
  HostPlan,
  parseHostName,
  readerOf,
} from "@millwright/schema";
import { expect, test } from "vitest";
import { memoryOf } from "../../compiler/fit/fit.ts";
import { type Rendered, render } from "../../compiler/render/render.ts";
import { prove } from "../../compiler/sovereignty/sovereignty.ts";
import {
  dataset,
  definitionsOf,
  digestIn,
  factory,
  gpuHost,
  host,
  lockOf,
  type Parts,
  plansOf,
  small,
  smallFacts,
  valueIn,
} from "./definitions-kit.ts";

const care = {
  kind: "adapter",
  name: "care",
  base: "small",
  source: "file:models/care.gguf",
} as const;
const lock = lockOf({
  [small.source]: smallFacts,
  [care.source]: { kind: "adapter", architecture: "llama", tensorBytes: 300_000 },
  "file:///srv/models/large.gguf": smallFacts,
  "https://models.example.org/web.gguf": smallFacts,
});

function rendered(parts: Parts): Rendered {
  const definitions = definitionsOf(parts);
  return plansOf(definitions, lock);
}

function planOf(parts: Parts, name: string): HostPlan {
  const host = parseHostName(name);
  const plan = host && rendered(parts).plans.get(host)?.plan;
  if (plan === undefined) throw new Error(`no plan for ${name}`);
  return plan;
}

/** Everything that definitions can say, on one host. */
const full: Parts = {
  fleet: {
    hubs: [{ url: "wss://hub.example.org", region: "fr" }],
    regions: { eu: ["de", "fr"] },
    telemetry: { every: "2s" },
  },
  hosts: [gpuHost("fra-1", 2, { cores: 8, gateway: { listen: "10.0.0.1:8000" } })],
  models: [{ ...small, smoke: { prompt: "Hi", contains: "small" } }],
  adapters: [
    { ...care, smoke: { prompt: "Hi", contains: "care", within: "5s" }, trainedOn: ["mail"] },
  ],
  datasets: [
    dataset("mail", ["eu"], {
      classification: "confidential",
      purposes: ["serve", "evaluate", "train"],
    }),
    dataset("orders", ["fr", "de"], {
      classification: "internal",
      purposes: ["train", "serve", "evaluate", "debug"],
    }),
  ],
  factories: [
    factory(
      {
        triage: { adapter: "care", replicas: 2, parallel: 4 },
        code: { gpus: 2, upgrade: "drain" },
      },
      {
        reads: ["orders"],
        routes: { summarise: { to: "triage", fallback: ["code", "triage"] } },
        apiKeys: { crm: { digest: digestOf("mw-crm"), models: ["triage"], tokensPerDay: 9 } },
        feedback: { sample: 0.1, redact: "personal", keep: "90d" },
      },
    ),
  ],
};

test("a plan says all that its host is to be", () => {
  const plan = planOf(full, "fra-1");
  const adapter = { kind: "adapter", architecture: "llama", tensorBytes: 300_000 } as const;
  const model = { name: "small", digest: digestIn(small.source) };
  expect(plan).toEqual({
    schema: "plan/1",
    host: "fra-1",
    key: full.hosts?.[0]?.key,
    site: "fra",
    region: "de",
    hubs: ["wss://hub.example.org"],
    gateway: { listen: "10.0.0.1:8000" },
    telemetry: { everyMs: 2000 },
    hardware: {
      cores: 8,
      memory: 512 * 1024 ** 3,
      gpus: [{ model: "NVIDIA A100", memory: 80 * 1024 ** 3, count: 2 }],
    },
    blobs: {
      [digestIn(small.source)]: { name: "small", size: 10_001_000, sources: ["hub:"] },
      [digestIn(care.source)]: { name: "care", size: 301_000, sources: ["hub:"] },
    },
    deployments: {
      triage: {
        factory: "support",
        model,
        adapter: { name: "care", digest: digestIn(care.source) },
        instances: [
          { replica: 0, gpus: [] },
          { replica: 1, gpus: [] },
        ],
        context: 1024,
        parallel: 4,
        threads: 4,
        memory: memoryOf(smallFacts, { context: 1024, parallel: 4, gpus: 0, adapter }).total,
        upgrade: "beside",
        smoke: { prompt: "Hi", contains: "care", withinMs: 5000 },
      },
      code: {
        factory: "support",
        model,
        instances: [{ replica: 0, gpus: [0, 1] }],
        context: 1024,
        parallel: 1,
        threads: 4,
        memory: memoryOf(smallFacts, { context: 1024, parallel: 1, gpus: 2 }).total,
        upgrade: "drain",
        smoke: { prompt: "Hi", contains: "small", withinMs: 30_000 },
      },
    },
    routes: { summarise: { factory: "support", to: ["triage", "code"] } },
    factories: {
      support: {
        owner: "team-support",
        apiKeys: { crm: { digest: digestOf("mw-crm"), models: ["triage"], tokensPerDay: 9 } },
        feedback: { sample: 0.1, redact: "personal", keepMs: 90 * 86_400_000 },
        governance: {
          classification: "confidential",
          residency: ["de", "fr"],
          purposes: ["serve", "evaluate", "train"],
        },
      },
    },
    sovereignty: plan.sovereignty,
  });
  expect(flowFaults(plan)).toEqual([]);
});

test("the bytes are the canonical text of the plan, the digest is theirs, and the tree is over all", () => {
  const { plans, tree } = rendered({ ...full, hosts: [gpuHost("b", 2), host("a"), host("c")] });
  for (const { plan, bytes, digest } of plans.values()) {
    expect(Buffer.from(bytes)).toEqual(canonicalBytes(plan));
    expect(digest).toBe(digestOf(bytes));
    expect(readerOf(HostPlan)(plan)).toMatchObject({ ok: true });
  }
  expect(tree.hosts).toEqual(["a", "b", "c"]);
  expect(tree.root).toMatch(/^[0-9a-f]{64}$/);
});

test("a host with nothing to do has a plan that says so, with the defaults", () => {
  expect(planOf({ hosts: [host("idle")] }, "idle")).toMatchObject({
    gateway: { listen: "127.0.0.1:7430" },
    telemetry: { everyMs: 10_000 },
    hardware: { memory: 2 * 1024 ** 3 },
    blobs: {},
    deployments: {},
    routes: {},
    factories: {},
  });
});

test("a change leaves every host that it does not concern its plan, to the byte", () => {
  const hosts = [host("fra-1"), host("fra-2", { site: "two" }), host("fra-3")];
  const parts = (context: number): Parts => ({
    hosts,
    factories: [
      factory({ triage: { where: { name: "fra-1" } }, code: { where: { site: "two" }, context } }),
    ],
  });
  const before = rendered(parts(1024));
  const after = rendered(parts(2048));
  const changed = [...after.plans].filter(
    ([name, { digest }]) => before.plans.get(name)?.digest !== digest,
  );
  expect(changed.map(([name]) => name)).toEqual(["fra-2"]);
  expect(after.tree.root).not.toBe(before.tree.root);
});

test("a blob comes from the hub, the host's own disk or the web, as its source says", () => {
  const sources = [
    small.source,
    "file:///srv/models/large.gguf",
    "https://models.example.org/web.gguf",
  ];
  const models = sources.map(
    (source, index) => ({ kind: "model", name: `m-${index}`, source }) as const,
  );
  const deployments = Object.fromEntries(models.map(({ name }) => [name, { model: name }]));
  const { blobs } = planOf({ hosts: [host("a")], models, factories: [factory(deployments)] }, "a");
  expect(sources.map((source) => blobs[digestIn(source)]?.sources)).toEqual([
    ["hub:"],
    ["file:///srv/models/large.gguf"],
    ["https://models.example.org/web.gguf"],
  ]);
});

test("two definitions of the same bytes make one blob that can be had from either source", () => {
  const web = "https://models.example.org/web.gguf";
  const same = lockOf({ [small.source]: smallFacts });
  const artifact = same.artifacts.get(small.source);
  if (artifact === undefined) throw new Error("not locked");
  const both = {
    ...same,
    artifacts: new Map([
      [small.source, artifact],
      [web, artifact],
    ]),
  };
  const definitions = definitionsOf({
    hosts: [host("a")],
    models: [small, { kind: "model", name: "again", source: web }],
    factories: [factory({ one: {}, two: { model: "again" } })],
  });
  const { plans } = plansOf(definitions, both);
  const [{ plan } = { plan: undefined }] = plans.values();
  expect(plan?.blobs).toEqual({
    [artifact.digest]: { name: "again", size: artifact.size, sources: ["hub:", web] },
  });
});

test.each([
  [16, 4, 4],
  [16, 5, 3],
  [2, 5, 1],
  [undefined, 2, 1],
])("%s cores are shared by %i instances, %i threads each", (cores, replicas, threads) => {
  const parts: Parts = {
    hosts: [host("a", { memory: "64GiB", ...(cores !== undefined && { cores }) })],
    factories: [factory({ triage: { replicas } })],
  };
  const { triage } = planOf(parts, "a").deployments;
  expect(triage?.threads).toBe(threads);
});

test("a route leads to the deployments of its host alone, and is left out where there are none", () => {
  const parts: Parts = {
    hosts: [host("a"), host("b"), host("c")],
    factories: [
      factory(
        { first: { where: { name: "a" } }, second: { replicas: 2, where: { name: "b" } } },
        { routes: { ask: { to: "first", fallback: ["second"] } } },
      ),
    ],
  };
  expect(planOf(parts, "a").routes).toEqual({ ask: { factory: "support", to: ["first"] } });
  expect(planOf(parts, "b").routes).toEqual({ ask: { factory: "support", to: ["second"] } });
  expect(planOf(parts, "c").routes).toEqual({});
});

test("a route that no host serves is a warning where it is written", () => {
  const routes = { ask: { to: "triage" } };
  const definitions = definitionsOf({
    hosts: [host("a")],
    factories: [factory({ triage: {} }, { routes })],
  });
  const stage = render(
    definitions,
    valueIn(prove(definitions, { placed: [], agentsOf: () => [] })),
  );
  expect(stage.ok && stage.warnings).toMatchObject([
    {
      code: "render/route-nowhere",
      severity: "warning",
      at: { file: "factory support routes ask" },
    },
  ]);
});
