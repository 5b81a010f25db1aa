/** The dashboard and the alerts that we ship: Prometheus would take them, and they ask for what agents tell. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AgentStatus, metrics, prometheusName } from "@millwright/schema";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { routeMetrics } from "../../agent/gateway/route-counts.ts";
import { Timings } from "../../agent/gateway/timings.ts";
import { xidTiers } from "../../agent/hardware/xid.ts";
import type { EngineStats } from "../../agent/runner/runner.ts";
import { metricsText } from "../../agent/telemetry/metrics-text.ts";

const folder = join(import.meta.dirname, "../../agent/telemetry");

interface Panel {
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets: readonly { readonly expr: string }[];
}
interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
}
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly cure: string };
}
const dashboard = JSON.parse(readFileSync(join(folder, "dashboard.json"), "utf8")) as Dashboard;
const { groups } = parse(readFileSync(join(folder, "alerts.yaml"), "utf8")) as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

const status: AgentStatus = {
  ...{ schema: "status/1", host: "fra-1", agent: "0.1.0", at: 0, gateway: null },
  ...{ desired: null, attempted: null, running: { revision: 1, plan: "sha256:0" } },
  deployments: { triage: { model: "m", state: "ready", ready: 1, instances: 1 } },
  conditions: [{ code: "a/b", severity: "error", subject: "c", message: "d", since: 0 }],
} as unknown as AgentStatus;

const stats: EngineStats = {
  ...{ active: 2, waiting: 1, inputTokens: 30, cachedTokens: 70, outputTokens: 9 },
  ...{ batches: 4, batchSequences: 7, batchTokens: 39, memory: { ram: 1_000, vram: 2_000 } },
};

/** All that an agent can tell, in the text that Prometheus reads. */
async function told(): Promise<string> {
  const timings = new Timings();
  const timed = { operation: "chat", model: "summarise-mail", deployment: "triage" };
  timings.take(timed, { duration: 0.4, queue: 0.01, firstToken: 0.03, perToken: 0.02 });
  timings.take(timed, { duration: 100, queue: 0 });
  const all = Object.values(metrics);
  const attributes = {
    ...{ "hw.id": "GPU-a", "hw.sensor_location": "die", "error.type": "xid.79" },
    ...{ reason: "hw_slowdown", "hw.state": "failed", "hw.gpu.task": "general" },
  };
  const series = all.map(({ name, unit }) => ({ name, unit, attributes }));
  const use = { caller: "support/crm", model: "summarise-mail", deployment: "triage" };
  return metricsText({
    status,
    reading: { series, values: Float32Array.from(all, () => 1) },
    usage: [{ ...use, requests: 1, inputTokens: 2, outputTokens: 3 }],
    timings: timings.all,
    engines: [{ deployment: "triage", model: "m", replica: 0, stats }],
    routes: Object.keys(routeMetrics).map((what) => ({
      what: what as keyof typeof routeMetrics,
      labels: { route: "mail", rule: "to", deployment: "a", shadow: "b", outcome: "compared" },
      value: 1,
    })),
  });
}

/** Grafana's variables, as a query has them once they are filled in. */
const filled = (expr: string) =>
  expr.replaceAll("$__rate_interval", "1m").replaceAll(/\$(host|model)/g, ".*");

/** Metric and label names in an expression. Throws where it is no PromQL. */
function namesIn(expr: string): { readonly metrics: string[]; readonly labels: string[] } {
  const found = { metrics: [] as string[], labels: [] as string[] };
  const text = filled(expr);
  parser
    .configure({ strict: true })
    .parse(text)
    .iterate({
      enter({ name, from, to }) {
        if (name === "Identifier") found.metrics.push(text.slice(from, to));
        if (name === "LabelName") found.labels.push(text.slice(from, to));
      },
    });
  return found;
}

const expressions = [
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => [title, expr] as const),
  ),
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
];

test.each(expressions)("%s asks for what agents tell: %s", async (_, expr) => {
  const lines = (await told()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const { metrics: asked, labels } = namesIn(expr);
  expect(asked.length).toBeGreaterThan(0);
  for (const name of asked.filter((each) => each !== "up")) {
    const series = lines.filter(
      (line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `),
    );
    expect(series, name).not.toEqual([]);
    for (const label of labels)
      if (asked.length === 1) expect(series.join("\n"), label).toContain(`${label}="`);
  }
});

test("what is no PromQL would be found", () => {
  expect(() => namesIn("sum by (le (rate(x[5m]))")).toThrow();
  expect(namesIn("sum by (a) (rate(b{c=~'$host'}[5m]))")).toEqual({
    metrics: ["b"],
    labels: ["a", "c"],
  });
});

test("each instance of an engine tells how it works", async () => {
  const lines = (await told()).split("\n");
  const of = 'deployment="triage",model="m",replica="0"';
  expect(lines).toContain("# TYPE millwright_runner_batches counter");
  expect(lines).toContain(`millwright_runner_batches{${of},host="fra-1"} 4`);
  expect(lines).toContain(`millwright_runner_batch_sequences{${of},host="fra-1"} 7`);
  expect(lines).toContain(`millwright_runner_tokens_input{${of},from="cache",host="fra-1"} 70`);
  expect(lines).toContain("# TYPE millwright_runner_queue_length gauge");
  expect(lines).toContain(`millwright_runner_memory_usage{${of},memory="vram",host="fra-1"} 2000`);
});

describe("histograms", () => {
  test("each bucket counts what is not above its bound, the last one all", async () => {
    const lines = (await told()).split("\n");
    const labels =
      'gen_ai_operation_name="chat",gen_ai_request_model="summarise-mail",deployment="triage",host="fra-1"';
    const name = "gen_ai_server_request_duration_seconds";
    expect(lines).toContain(`# TYPE ${name} histogram`);
    expect(lines).toContain(`${name}_bucket{${labels},le="0.32"} 0`);
    expect(lines).toContain(`${name}_bucket{${labels},le="0.64"} 1`);
    expect(lines).toContain(`${name}_bucket{${labels},le="81.92"} 1`);
    expect(lines).toContain(`${name}_bucket{${labels},le="+Inf"} 2`);
    expect(lines).toContain(`${name}_sum{${labels}} 100.4`);
    expect(lines).toContain(`${name}_count{${labels}} 2`);
    expect(lines).toContain(`gen_ai_server_time_to_first_token_seconds_count{${labels}} 1`);
  });
});

test("panels do not lie on each other", () => {
  for (const [index, { title, gridPos: a }] of dashboard.panels.entries()) {
    expect(a.x + a.w, title).toBeLessThanOrEqual(24);
    for (const { title: other, gridPos: b } of dashboard.panels.slice(index + 1)) {
      const isApart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
      expect(isApart, `${title} and ${other}`).toBe(true);
    }
  }
});

test("alerts on Xids name the codes of one tier each, and no others", () => {
  const codesOf = (alert: string) => {
    const { expr = "" } = rules.find((rule) => rule.alert === alert) ?? {};
    return [...expr.matchAll(/\d+/g)].map(([digits]) => Number(digits)).slice(0, -1);
  };
  expect(codesOf("MillwrightXidReboot")).toEqual(xidTiers.reboot.codes);
  expect(codesOf("MillwrightXidReset")).toEqual(xidTiers.reset.codes);
  expect(codesOf("MillwrightXidNvlink")).toEqual(xidTiers.nvlink.codes);
  for (const { alert, expr } of rules)
    if (!alert.startsWith("MillwrightXid")) expect(expr, alert).not.toContain("xid");
});

test("every metric that travels has a name of its own", () => {
  const names = Object.values(metrics).map(({ name }) => prometheusName(name));
  expect(new Set(names).size).toBe(names.length);
});

test("every alert says what is wrong, what to do, and when it is worth a person's time", () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const rule of rules) {
    expect(rule.for, rule.alert).toMatch(/^\d+m$/);
    expect(["warning", "critical"], rule.alert).toContain(rule.labels.severity);
    expect(rule.annotations.summary, rule.alert).toMatch(/\.$|\}$/);
    expect(rule.annotations.cure.length, rule.alert).toBeGreaterThan(20);
  }
});
