/** What a host tells of itself, to an OpenTelemetry collector: over the wire, in OTLP's own JSON. */
import { createServer, type IncomingMessage } from "node:http";
import type { AgentStatus } from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import { Timings } from "../../agent/gateway/timings.ts";
import { conditionsOf, systemClock } from "../../agent/life/life.ts";
import { exportFigures, type Figure, figuresOf } from "../../agent/telemetry/telemetry.ts";
import { eventually } from "./gateway-kit.ts";

const status: AgentStatus = {
  ...{ schema: "status/1", host: "fra-1", agent: "0.1.0", at: 0 },
  ...{ desired: null, attempted: null, running: null, gateway: null },
  deployments: {},
  conditions: [{ code: "store/full", severity: "error", since: 0, message: "secret words" }],
};

function figures(): readonly Figure[] {
  const timings = new Timings();
  const timed = { operation: "chat", model: "summarise-mail", deployment: "triage" };
  timings.take(timed, { duration: 0.4, queue: 0.01, firstToken: 0.03, perToken: 0.02 });
  return figuresOf({
    status,
    reading: {
      series: [
        { name: "hw.power", unit: "W", attributes: { "hw.id": "GPU-a", "hw.type": "gpu" } },
        { name: "hw.temperature", unit: "Cel", attributes: { "hw.id": "GPU-a" } },
      ],
      values: Float32Array.from([250, Number.NaN]),
    },
    usage: [
      {
        ...{ caller: "support/crm", model: "summarise-mail", deployment: "triage" },
        ...{ requests: 3, inputTokens: 20, outputTokens: 7 },
      },
    ],
    timings: timings.all,
    engines: [],
  });
}

interface Sent {
  readonly path: string;
  readonly key: string | undefined;
  readonly body: Body;
}

/** The parts of OTLP's JSON (opentelemetry.proto.metrics.v1) that are looked at here. */
interface Body {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}
interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}
interface Data {
  readonly dataPoints: readonly {
    readonly attributes: readonly Attribute[];
    readonly asDouble?: number;
    readonly count?: number;
    readonly sum?: number;
    readonly bucketCounts?: readonly number[];
    readonly explicitBounds?: readonly number[];
  }[];
  readonly isMonotonic?: boolean;
  readonly aggregationTemporality?: number;
}
interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: Data;
  readonly sum?: Data;
  readonly histogram?: Data;
}

async function collector(answer: () => number = () => 200) {
  const sent: Sent[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const code = answer();
    if (code === 200)
      sent.push({
        path: request.url ?? "",
        key: request.headers["x-key"]?.toString(),
        body: JSON.parse(Buffer.concat(parts).toString("utf8")) as Body,
      });
    response.writeHead(code, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, sent };
}

function exporting(url: () => string | undefined) {
  const conditions = conditionsOf(systemClock);
  const end = new AbortController();
  const running = exportFigures({
    ...{ host: "fra-1", version: "0.1.0", clock: systemClock, conditions },
    ...{ collector: url, everyMs: () => 20, figures: async () => figures() },
  })(end.signal);
  onTestFinished(async () => {
    end.abort();
    await running;
  });
  return { conditions };
}

test("a collector gets all that is known, with units, kinds and buckets, under the host's name", async () => {
  process.env["OTEL_EXPORTER_OTLP_HEADERS"] = "x-key=sesame";
  onTestFinished(() => void delete process.env["OTEL_EXPORTER_OTLP_HEADERS"]);
  const { url, sent } = await collector();
  exporting(() => url);
  await eventually("it is told twice", () => sent.length >= 2, 20_000);
  const [first] = sent;
  expect([first?.path, first?.key]).toEqual(["/v1/metrics", "sesame"]);
  const [all] = first?.body.resourceMetrics ?? [];
  const attributes = Object.fromEntries(
    (all?.resource.attributes ?? []).map(({ key, value }) => [key, value.stringValue]),
  );
  expect(attributes).toMatchObject({ "service.name": "millwright-agent", "host.name": "fra-1" });
  const named = new Map(all?.scopeMetrics[0]?.metrics.map((metric) => [metric.name, metric]));
  const power = named.get("hw.power");
  expect([power?.unit, power?.gauge?.dataPoints[0]?.asDouble]).toEqual(["W", 250]);
  // What is unknown is not told.
  expect(named.has("hw.temperature")).toBe(false);
  const requests = named.get("millwright.usage.requests")?.sum;
  expect(requests).toMatchObject({ isMonotonic: true, aggregationTemporality: 2 });
  expect(requests?.dataPoints[0]?.asDouble).toBe(3);
  const duration = named.get("gen_ai.server.request.duration");
  const [point] = duration?.histogram?.dataPoints ?? [];
  expect([duration?.unit, point?.count, point?.sum]).toEqual(["s", 1, 0.4]);
  expect(point?.bucketCounts).toHaveLength((point?.explicitBounds?.length ?? 0) + 1);
  expect(JSON.stringify(sent)).not.toContain("secret words");
});

test("a collector that refuses is a condition, until it takes something; a plan without one ends it", async () => {
  let code = 401;
  const { url, sent } = await collector(() => code);
  let wanted: string | undefined = url;
  let asked = 0;
  const { conditions } = exporting(() => {
    asked += 1;
    return wanted;
  });
  const codes = () => conditions.list().map((condition) => condition.code);
  await eventually("it is told", () => codes().includes("telemetry/collector"), 20_000);
  code = 200;
  await eventually("it is over", () => sent.length > 0 && codes().length === 0, 20_000);
  wanted = undefined;
  const looks = asked;
  await eventually("it has noticed", () => asked > looks + 1, 20_000);
  const before = sent.length;
  const again = asked;
  await eventually("it has looked again", () => asked > again + 2, 20_000);
  expect(sent).toHaveLength(before);
});
