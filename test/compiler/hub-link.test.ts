import { generateKeyPairSync } from "node:crypto";
import {
  digestOf,
  encodeSample,
  Inclusion,
  isIncluded,
  MAX_FRAME,
  parseDigest,
  parseJson,
  RemoteConfigStatuses,
  readerOf,
  ServerErrorResponseType,
  type ServerToAgent,
  ServerToAgentFlags,
  telemetryCapability,
  telemetryTypes,
} from "@millwright/schema";
import { TrustedMetadataStore } from "tuf-js/dist/store.js";
import { expect, onTestFinished, test, vi } from "vitest";
import {
  connect,
  dial,
  fullState,
  hostOf,
  offeringHub,
  released,
  startHub,
  statusOf,
  tokenOf,
  until,
} from "./hub-kit.ts";
import { forge, hostNamed, NOON, releaseOf } from "./release-kit.ts";

const one = hostOf("fra-1");
const two = hostOf("fra-2");

function filesOf({ remoteConfig }: ServerToAgent): Map<string, Buffer> {
  const files = Object.entries(remoteConfig?.config?.configMap ?? {});
  return new Map(files.map(([name, { body }]) => [name, Buffer.from(body)]));
}

function numberOf(message: ServerToAgent): unknown {
  const revision = filesOf(message).get("revision.json")?.toString("utf8") ?? "{}";
  return (parseJson(revision) as { predicate?: { number: number } }).predicate?.number;
}

const hashOf = ({ remoteConfig }: ServerToAgent) =>
  Buffer.from(remoteConfig?.configHash ?? []).toString("hex");

test("a host that connects is offered everything it needs to prove its plan", async () => {
  const hub = await offeringHub(await released(one, two));
  const agent = await connect(hub, one);
  const files = filesOf(await agent.ask(fullState(statusOf(one))));
  const file = (name: string) => files.get(name) ?? Buffer.alloc(0);
  expect([...files.keys()].sort()).toEqual([
    "1.root.json",
    "1.snapshot.json",
    "1.targets.json",
    "inclusion.json",
    "plan.json",
    "revision.json",
    "timestamp.json",
  ]);
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const trust = new TrustedMetadataStore(file("1.root.json"));
  trust.updateTimestamp(file("timestamp.json"));
  trust.updateSnapshot(file("1.snapshot.json"));
  trust.updateDelegatedTargets(file("1.targets.json"), "targets", "root");
  expect(trust.targets?.signed.targets["revision.json"]?.hashes["sha256"]).toBe(
    digestOf(file("revision.json")).slice(7),
  );
  const proof = readerOf(Inclusion)(parseJson(file("inclusion.json").toString("utf8")));
  const statement = parseJson(file("revision.json").toString("utf8")) as {
    subject: [{ digest: { sha256: string } }];
  };
  const root = parseDigest(`sha256:${statement.subject[0].digest.sha256}`);
  if (!proof.ok || root === undefined) throw new Error("no proof");
  const plan = file("plan.json");
  expect(isIncluded(hostNamed("fra-1"), digestOf(plan), proof.value, root)).toBe(true);
  expect(isIncluded(hostNamed("fra-2"), digestOf(plan), proof.value, root)).toBe(false);
});

test("a new revision is pushed to every connected host, and a fresh timestamp alone is no new configuration", async () => {
  const shop = await released(one, two);
  const hub = await offeringHub(shop);
  const agents = [await connect(hub, one), await connect(hub, two)];
  const first = await Promise.all(agents.map((agent) => agent.ask()));
  expect(first.map(numberOf)).toEqual([1, 1]);
  hub.advance(9 * 3_600_000);
  const renewed = await Promise.all(agents.map((agent) => agent.hear()));
  expect(renewed.map(hashOf)).toEqual(first.map(hashOf));
  expect(renewed.map((message) => filesOf(message).get("timestamp.json"))).not.toEqual(
    first.map((message) => filesOf(message).get("timestamp.json")),
  );
  await releaseOf(shop, [{ ...one.plan, telemetry: { everyMs: 500 } }, two.plan]);
  const second = await Promise.all(agents.map((agent) => agent.hear()));
  expect(second.map(numberOf)).toEqual([2, 2]);
  expect(hashOf(second[0] as ServerToAgent)).not.toBe(hashOf(first[0] as ServerToAgent));
});

test("what was changed on the branch after signing is not offered, and the reason can be seen", async () => {
  const shop = await released(one);
  const hub = await offeringHub(shop);
  const agent = await connect(hub, one);
  expect(numberOf(await agent.ask())).toBe(1);
  forge(shop, "refs/heads/releases", {
    "plans/fra-1.json": JSON.stringify({ ...one.plan, site: "xxx" }),
  });
  await until(async () => JSON.stringify(await hub.json("/healthz")).includes("changed-plan"));
  expect(await hub.json("/v1/hub")).toMatchObject({
    state: "degraded",
    revision: { number: 1 },
    troubles: [{ code: "release/changed-plan" }],
  });
  expect(await (await hub.get("/")).text()).toContain("release/changed-plan");
  expect(await (await hub.get("/metrics")).text()).toContain(
    'millwright_hub_verification_failures_total{reason="release/changed-plan"} 1',
  );
  // A host that comes now still gets the last good one.
  expect(numberOf(await (await connect(hub, one)).ask())).toBe(1);
});

test("a whole new history under another root is refused: the root was pinned on first use", async () => {
  const shop = await released(one);
  const first = await offeringHub(shop);
  await first.stop();
  const other = await released(one);
  const hub = await offeringHub({ ...shop, repository: other.repository });
  await until(async () => JSON.stringify(await hub.json("/healthz")).includes("untrusted-root"));
  expect(await hub.json("/v1/hub")).toMatchObject({ state: "degraded", revision: { number: 1 } });
});

test("an online key that the root does not admit offers nothing, and says so", async () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const hub = await startHub(await released(one), { onlineKey: privateKey });
  await until(async () => JSON.stringify(await hub.json("/healthz")).includes("wrong-online-key"));
  expect((await hub.get("/healthz")).status).toBe(503);
});

test.each([
  ["of a host that is not in the fleet", () => tokenOf(two), "hub/unknown-host"],
  ["signed by another key", () => tokenOf(one, { key: two.key }), "hub/bad-token"],
  ["for another hub", () => tokenOf(one, { aud: "ws://elsewhere:7420" }), "hub/bad-token"],
  ["in another host's name", () => tokenOf(one, { sub: "fra-2" }), "hub/bad-token"],
  ["that has expired", () => tokenOf(one, { at: NOON - 200_000 }), "hub/bad-token"],
  ["that lives for an hour", () => tokenOf(one, { lifetimeS: 3_600 }), "hub/bad-token"],
  ["without an id", () => tokenOf(one, { jti: "" }), "hub/bad-token"],
  ["that is none", () => Promise.resolve("rubbish"), "hub/unknown-host"],
  ["without a signature", unsigned, "hub/bad-token"],
])("a token %s opens no connection", async (_what, make, code) => {
  const hub = await offeringHub(await released(one));
  expect(await dial(hub, one, await make())).toMatchObject({ status: 401, code });
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
  expect(numberOf(await after.ask())).toBe(1);
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

test.each([
  ["bytes that are no message", Buffer.from([0, 255, 255, 255]), 1008],
  ["a wrong header", Buffer.from([1, 10, 0]), 1008],
  ["text", "hello", 1003],
  ["a message without an instance", Buffer.from([0]), 1008],
])(
  "%s: BadRequest, then the end of this connection and of nothing else",
  async (_what, bytes, code) => {
    const hub = await offeringHub(await released(one, two));
    const [bad, good] = [await connect(hub, one), await connect(hub, two)];
    bad.raw(bytes);
    expect((await bad.hear()).errorResponse?.type).toBe(
      ServerErrorResponseType.ServerErrorResponseType_BadRequest,
    );
    expect(await bad.closed).toBe(code);
    expect(numberOf(await good.ask())).toBe(1);
  },
);

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
  const hub = await offeringHub(await released(one), { limits: { bufferedBytes: 0 } });
  const agent = await connect(hub, one);
  agent.socket.pause();
  const status = fullState(statusOf(one));
  for (let count = 0; count < 5_000; count += 1) agent.say({ ...status, flags: 1n });
  await until(async () => hub.journal.some((line) => line.includes("reads too slowly")));
});

test("more handshakes than a hub can bear are told to come back", async () => {
  const hub = await offeringHub(await released(one), { limits: { handshakesPerSecond: 2 } });
  const answers = [await dial(hub, one), await dial(hub, one), await dial(hub, one)];
  expect(answers[2]).toEqual({ status: 503, code: "hub/too-many-handshakes", retryAfter: "5" });
  hub.advance(1_000);
  expect(await dial(hub, one, { at: NOON })).toHaveProperty("socket");
});
