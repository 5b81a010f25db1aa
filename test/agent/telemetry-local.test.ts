import { once } from "node:events";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { type AgentStatus, prometheusName } from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import type { Usage } from "../../agent/gateway/gateway.ts";
import { Failure } from "../../agent/life/life.ts";
import { localApi, type Reading, sensorsOf } from "../../agent/telemetry/telemetry.ts";

function statusOf(more: Partial<AgentStatus> = {}): AgentStatus {
  const digest = `sha256:${"a".repeat(64)}`;
  return {
    ...{ schema: "status/1", host: "fra-1", agent: "0.1.0", at: 1, gateway: null },
    desired: { revision: 3, plan: digest },
    attempted: { revision: 3, plan: digest, result: "running" },
    running: { revision: 3, plan: digest },
    deployments: {
      triage: { state: "ready", model: "mail-triage", digest, instances: 2, ready: 1 },
    },
    conditions: [],
    ...more,
  };
}

async function listening(
  settings: {
    readonly status?: () => AgentStatus;
    readonly reading?: () => Reading | undefined;
    readonly usage?: () => readonly Usage[];
    readonly host?: string;
  } = {},
) {
  const address = Promise.withResolvers<string>();
  const end = new AbortController();
  const run = localApi({
    listen: { host: settings.host ?? "127.0.0.1", port: 0 },
    status: settings.status ?? (() => statusOf()),
    measured: async () => ({
      ...{ status: (settings.status ?? statusOf)(), reading: settings.reading?.() },
      ...{ usage: settings.usage?.() ?? [], timings: [], engines: [], routes: [] },
    }),
    ready: async (at) => address.resolve(at),
  })(end.signal);
  run.catch(address.reject);
  onTestFinished(async () => {
    end.abort();
    await run.catch(() => undefined);
  });
  return { address: await address.promise, run, end };
}

test("the local API tells the status and that it lives", async () => {
  const { address } = await listening();
  expect(await (await fetch(`http://${address}/status`)).json()).toEqual(statusOf());
  expect(await (await fetch(`http://${address}/healthz`)).text()).toBe("ok\n");
  expect((await fetch(`http://${address}/status?at=now`)).status).toBe(200);
  expect((await fetch(`http://${address}/`)).status).toBe(404);
  expect((await fetch(`http://${address}/status`, { method: "POST" })).status).toBe(405);
});

test("metrics are those that travel to the hub, under their names, with the host; what is unknown is not shown", async () => {
  const { address } = await listening({
    reading: () => ({
      series: [
        { name: "system.cpu.utilization", unit: "1", attributes: {} },
        {
          name: "system.network.io",
          unit: "By",
          attributes: { "network.io.direction": "receive" },
        },
        { name: "hw.temperature", unit: "Cel", attributes: { "hw.id": "GPU-a" } },
      ],
      values: Float32Array.of(0.25, 1024, Number.NaN),
    }),
    status: () =>
      statusOf({
        conditions: [
          {
            code: "reconcile/restarting",
            severity: "warning",
            subject: 'a"b\n',
            message: "m",
            since: 1,
          },
        ],
      }),
  });
  const response = await fetch(`http://${address}/metrics`);
  expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  const lines = (await response.text()).split("\n");
  expect(lines).toContain(`${prometheusName("system.cpu.utilization")}{host="fra-1"} 0.25`);
  expect(lines).toContain('system_network_io{network_io_direction="receive",host="fra-1"} 1024');
  expect(lines.filter((line) => line.startsWith("hw_temperature{"))).toEqual([]);
  expect(lines).toContain(
    'millwright_deployment_ready{deployment="triage",model="mail-triage",host="fra-1"} 1',
  );
  expect(lines).toContain(
    'millwright_deployment_instances{deployment="triage",model="mail-triage",host="fra-1"} 2',
  );
  expect(lines).toContain('millwright_revision_running{host="fra-1"} 3');
  expect(lines).toContain(
    'millwright_condition{code="reconcile/restarting",severity="warning",subject="a\\"b\\n",host="fra-1"} 1',
  );
});

test("counters are said to be counters, so that rates over them are right", async () => {
  const read = sensorsOf({
    folder: tmpdir(),
    gpus: () => [],
    gateway: () => ({ requests: 7, active: 1, failed: 2, inputTokens: 3, outputTokens: 4 }),
  });
  const reading = await read();
  const { address } = await listening({ reading: () => reading });
  const text = await (await fetch(`http://${address}/metrics`)).text();
  expect(text).toContain("# TYPE millwright_gateway_requests counter");
  expect(text).toContain("# TYPE system_network_io counter");
  expect(text).toContain("# TYPE millwright_gateway_requests_active gauge");
  expect(text).toContain("# TYPE system_memory_usage gauge");
  expect(text).toContain("# HELP millwright_gateway_requests Requests answered since the start.");
});

test("usage is told by key, model and deployment", async () => {
  const use = { caller: "support/crm", model: "summarise-mail", deployment: "triage" };
  const { address } = await listening({
    usage: () => [{ ...use, requests: 2, inputTokens: 30, outputTokens: 4 }],
  });
  const lines = (await (await fetch(`http://${address}/metrics`)).text()).split("\n");
  const labels = 'caller="support/crm",model="summarise-mail",deployment="triage"';
  expect(lines).toContain("# TYPE millwright_usage_tokens counter");
  expect(lines).toContain(`millwright_usage_requests{${labels},host="fra-1"} 2`);
  expect(lines).toContain(`millwright_usage_tokens{${labels},direction="input",host="fra-1"} 30`);
  expect(lines).toContain(`millwright_usage_tokens{${labels},direction="output",host="fra-1"} 4`);
});

async function ask(address: string, head: string): Promise<string> {
  const [host, port] = address.split(":");
  const socket = connect(Number(port), host);
  socket.end(head);
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  await once(socket, "close");
  return text.split("\r\n")[0] ?? "";
}

test("a web page cannot read it through a name of its own", async () => {
  const { address } = await listening();
  for (const name of ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:7431", ""])
    expect(
      await ask(address, `GET /status HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`),
    ).toContain("421");
  expect(
    await ask(address, "GET /status HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n"),
  ).toContain("200");
});

test("a status that cannot be told is an error for the one who asks, and ends the service, not hides", async () => {
  const { address, run } = await listening({
    status: () => {
      throw new TypeError("impossible");
    },
  });
  expect((await fetch(`http://${address}/status`)).status).toBe(500);
  await expect(run).rejects.toThrow("impossible");
});

test("what is not known yet is not shown as nought", async () => {
  const { address } = await listening({
    reading: () => ({
      series: [{ name: "system.cpu.utilization", unit: "1", attributes: {} }],
      values: Float32Array.of(Number.NaN),
    }),
  });
  expect(await (await fetch(`http://${address}/metrics`)).text()).not.toContain("system_cpu");
});

test("a port that is taken is said with a cure", async () => {
  const { address } = await listening();
  const port = Number(address.split(":")[1]);
  const taken = localApi({
    listen: { host: "127.0.0.1", port },
    status: statusOf,
    measured: async () => ({
      ...{ status: statusOf(), reading: undefined },
      ...{ usage: [], timings: [], engines: [], routes: [] },
    }),
    ready: async () => undefined,
  })(new AbortController().signal);
  const error = await taken.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Failure);
  expect(error).toMatchObject({
    code: "telemetry/port-taken",
    message: expect.stringContaining("--local"),
  });
});

test("an address of the sixth version is told as one that can be asked", async () => {
  const { address } = await listening({ host: "::1" });
  expect(address).toMatch(/^\[::1\]:\d+$/);
  expect((await fetch(`http://${address}/healthz`)).status).toBe(200);
});

test("it stops at once, also with connections that are kept open", async () => {
  const { address, run, end } = await listening();
  await (await fetch(`http://${address}/healthz`)).text();
  const start = performance.now();
  end.abort();
  await run;
  expect(performance.now() - start).toBeLessThan(1_000);
});
