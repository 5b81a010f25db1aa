import { digestOf, encodeSample, telemetryCapability, telemetryTypes } from "@millwright/schema";
import {
  MAX_FRAME,
  RemoteConfigStatuses,
  ServerErrorResponseType,
  ServerToAgentFlags,
} from "@millwright/schema/opamp";
import { expect, test } from "vitest";
import { connect, dial, fullState, statusOf } from "./hub-agent-kit.ts";
import { hostOf, offeringHub, released, tokenOf, until } from "./hub-kit.ts";
import { NOON, releaseOf } from "./release-kit.ts";

const one = hostOf("fra-1");
const two = hostOf("fra-2");

test("no connection is opened with a token that is not the host's own, fresh and for this hub", async () => {
  const hub = await offeringHub(await released(one));
  const tokens = {
    "of a host that is not in the fleet": await tokenOf(two),
    "signed by another key": await tokenOf(one, { key: two.key }),
    "for another hub": await tokenOf(one, { aud: "ws://elsewhere:7420" }),
    "in another host's name": await tokenOf(one, { sub: "fra-2" }),
    "that has expired": await tokenOf(one, { at: NOON - 200_000 }),
    "that lives for an hour": await tokenOf(one, { lifetimeS: 3_600 }),
    "without an id": await tokenOf(one, { jti: "" }),
    "that is none": "rubbish",
    "without a signature": await unsigned(),
  };
  const answers = Object.entries(tokens).map(async ([what, token]) => {
    const answer = await dial(hub, one, token);
    return [what, "status" in answer ? `${answer.status} ${answer.code}` : "let in"] as const;
  });
  expect(Object.fromEntries(await Promise.all(answers))).toEqual({
    "of a host that is not in the fleet": "401 hub/unknown-host",
    "signed by another key": "401 hub/bad-token",
    "for another hub": "401 hub/bad-token",
    "in another host's name": "401 hub/bad-token",
    "that has expired": "401 hub/bad-token",
    "that lives for an hour": "401 hub/bad-token",
    "without an id": "401 hub/bad-token",
    "that is none": "401 hub/unknown-host",
    "without a signature": "401 hub/bad-token",
  });
});

async function unsigned(): Promise<string> {
  const [, claims = ""] = (await tokenOf(one)).split(".");
  return `${Buffer.from('{"alg":"none"}').toString("base64url")}.${claims}.`;
}

test("a token opens one connection and no second one", async () => {
  const hub = await offeringHub(await released(one));
  const token = await tokenOf(one);
  expect(await dial(hub, one, token)).toHaveProperty("socket");
  expect(await dial(hub, one, token)).toMatchObject({ status: 401, code: "hub/replayed-token" });
});

test("a new connection of a host takes the place of the old one", async () => {
  const hub = await offeringHub(await released(one));
  const before = await connect(hub, one);
  const after = await connect(hub, one);
  expect(await before.closed).toBe(1008);
  expect(await after.ask()).toHaveProperty("remoteConfig");
  expect(await hub.json("/v1/hosts")).toMatchObject({ hosts: [{ connected: true }] });
});

test("a host that is deleted from the fleet, or whose key is exchanged, is disconnected", async () => {
  const shop = await released(one, two);
  const hub = await offeringHub(shop);
  const [gone, exchanged] = [await connect(hub, one), await connect(hub, two)];
  await Promise.all([gone.ask(), exchanged.ask()]);
  await releaseOf(shop, [hostOf("fra-2").plan]);
  expect(await Promise.all([gone.closed, exchanged.closed])).toEqual([1008, 1008]);
  expect(await dial(hub, one)).toMatchObject({ status: 401, code: "hub/unknown-host" });
});

test("every message is answered; a gap in the sequence makes the hub ask for everything", async () => {
  const hub = await offeringHub(await released(one));
  const agent = await connect(hub, one);
  const flag = BigInt(ServerToAgentFlags.ServerToAgentFlags_ReportFullState);
  expect((await agent.ask()).flags).toBe(flag);
  expect((await agent.ask(fullState(statusOf(one)))).flags).toBe(0n);
  expect((await agent.ask({ sequenceNum: 9n })).flags).toBe(flag);
  expect((await agent.ask({ sequenceNum: 10n })).flags).toBe(0n);
});

test("what a host says of itself, of its health and of its plan can be seen", async () => {
  const hub = await offeringHub(await released(one));
  const agent = await connect(hub, one);
  const digest = `sha256:${"c".repeat(64)}`;
  const status = statusOf(one, { running: { revision: 1, plan: digest } });
  await agent.ask({
    ...fullState(status),
    health: { healthy: false, status: "one model is down", lastError: "out of memory" },
    remoteConfigStatus: {
      status: RemoteConfigStatuses.RemoteConfigStatuses_FAILED,
      errorMessage: "the smoke test failed",
      lastRemoteConfigHash: Buffer.from("abcd", "hex"),
    },
  });
  expect(await hub.json("/v1/hosts/fra-1")).toMatchObject({
    connected: true,
    stale: false,
    status,
    health: { healthy: false, lastError: "out of memory" },
    config: { state: "failed", message: "the smoke test failed", hash: "abcd" },
  });
  expect(await hub.json("/v1/revisions")).toMatchObject({ revisions: [{ running: ["fra-1"] }] });
  expect(await hub.json("/v1/events")).toMatchObject({
    events: [{ code: "hub/plan-failed", host: "fra-1" }, { code: "hub/revision-offered" }],
  });
  const told = await agent.ask(fullState(statusOf(two)));
  expect(told.errorResponse?.errorMessage).toBe("status.json is of another host");
});

test("telemetry is declared once and then comes as numbers", async () => {
  const hub = await offeringHub(await released(one));
  const agent = await connect(hub, one);
  const say = (type: string, data: Uint8Array) =>
    agent.ask({ customMessage: { capability: telemetryCapability, type, data } });
  const sample = (...values: number[]) =>
    encodeSample({ at: NOON, values: Float32Array.from(values) });
  // Before the declaration nobody knows what the numbers mean.
  expect((await say(telemetryTypes.sample, sample(1))).errorResponse?.type).toBe(
    ServerErrorResponseType.ServerErrorResponseType_BadRequest,
  );
  const series = [
    { name: "system.cpu.utilization", unit: "1", attributes: {} },
    { name: "hw.temperature", unit: "Cel", attributes: { "hw.id": 'a"b\n', host: "x" } },
  ];
  const declared = Buffer.from(JSON.stringify(series));
  expect((await say(telemetryTypes.series, declared)).errorResponse).toBeUndefined();
  await say(telemetryTypes.sample, sample(0.25, 40));
  expect((await say(telemetryTypes.sample, sample(0.5, Number.NaN))).errorResponse).toBeUndefined();
  expect((await say(telemetryTypes.sample, sample(1, 2, 3))).errorResponse).toBeDefined();
  const inventory = { schema: "inventory/1", memory: { bytes: 5 } };
  await say(telemetryTypes.inventory, Buffer.from(JSON.stringify(inventory)));
  expect(await hub.json("/v1/hosts/fra-1")).toMatchObject({
    inventory,
    telemetry: {
      at: NOON,
      series: [
        { name: "system.cpu.utilization", value: 0.5, recent: [0.25, 0.5] },
        { name: "hw.temperature", value: null, recent: [40, null] },
      ],
    },
  });
  await say(telemetryTypes.sample, sample(0.5, 41));
  const metrics = await (await hub.get("/metrics")).text();
  expect(metrics).toContain('system_cpu_utilization{host="fra-1"} 0.5');
  expect(metrics).toContain('hw_temperature{host="fra-1",hw_id="a\\"b\\n"} 41');
});

test("rubbish gets BadRequest, and ends this connection and nothing else", async () => {
  const hub = await offeringHub(await released(one, two));
  const good = await connect(hub, two);
  const rubbish = [
    [Buffer.from([0, 255, 255, 255]), 1008],
    [Buffer.from([1, 10, 0]), 1008],
    [Buffer.from([0]), 1008],
    ["text", 1003],
  ] as const;
  for (const [bytes, code] of rubbish) {
    const bad = await connect(hub, one);
    bad.raw(bytes);
    expect((await bad.hear()).errorResponse?.type).toBe(
      ServerErrorResponseType.ServerErrorResponseType_BadRequest,
    );
    expect(await bad.closed).toBe(code);
  }
  expect(await good.ask()).toHaveProperty("remoteConfig");
});

test("a frame that is too large ends the connection", async () => {
  const hub = await offeringHub(await released(one));
  const agent = await connect(hub, one);
  agent.raw(Buffer.alloc(MAX_FRAME + 1));
  expect(await agent.closed).toBe(1009);
});

test("a host that answers no ping is cut off", async () => {
  const hub = await offeringHub(await released(one), { limits: { pingMs: 50 } });
  const agent = await connect(hub, one);
  const deaf = await connect(hub, one).then(async (connection) => {
    connection.socket.pause();
    return connection;
  });
  expect(await agent.closed).toBe(1008);
  await until(async () =>
    JSON.stringify(await hub.json("/v1/hosts")).includes('"connected":false'),
  );
  deaf.socket.resume();
  expect(await deaf.closed).toBe(1006);
});

test("a host that does not read is dropped before it fills the memory", async () => {
  const blobs = Object.fromEntries(
    Array.from({ length: 4_000 }, (_, index) => [
      digestOf(String(index)),
      { name: "n".repeat(200), size: index, sources: ["hub:"] },
    ]),
  );
  const large = hostOf("fra-1", { blobs });
  const hub = await offeringHub(await released(large), { limits: { bufferedBytes: 1024 ** 2 } });
  const agent = await connect(hub, large);
  await agent.ask();
  agent.socket.pause();
  // Each fresh timestamp is an offer of more than a megabyte; the kernel takes the first few.
  await until(async () => {
    hub.advance(9 * 3_600_000);
    return hub.journal.some((line) => line.includes("reads too slowly"));
  });
});

test("more handshakes than a hub can bear are told to come back", async () => {
  const hub = await offeringHub(await released(one), { limits: { handshakesPerSecond: 2 } });
  const answers = [await dial(hub, one), await dial(hub, one), await dial(hub, one)];
  expect(answers[2]).toEqual({ status: 503, code: "hub/too-many-handshakes", retryAfter: "5" });
  hub.advance(1_000);
  expect(await dial(hub, one, { at: NOON })).toHaveProperty("socket");
});
