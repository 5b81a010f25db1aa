import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  AgentStatus,
  keyObjectOf,
  parseJson,
  readerOf,
  telemetryCapability,
} from "@millwright/schema";
import {
  AgentCapabilities,
  type AgentToServer,
  linkCapability,
  OPAMP_PATH,
  RemoteConfigStatuses,
  STATUS_FILE,
} from "@millwright/schema/opamp";
import { jwtVerify } from "jose";
import { expect, test } from "vitest";
import { Failure } from "../../agent/life/life.ts";
import { eventually, holds, startAgent, startHub } from "./link-kit.ts";

const readStatus = readerOf(AgentStatus);
const hash = [1, 2, 3];
const { APPLIED, APPLYING, FAILED } = {
  APPLIED: RemoteConfigStatuses.RemoteConfigStatuses_APPLIED,
  APPLYING: RemoteConfigStatuses.RemoteConfigStatuses_APPLYING,
  FAILED: RemoteConfigStatuses.RemoteConfigStatuses_FAILED,
};

const offer = (names: readonly string[], configHash: readonly number[] = hash) => ({
  remoteConfig: {
    configHash: Uint8Array.from(configHash),
    config: {
      configMap: Object.fromEntries(names.map((name) => [name, { body: Buffer.from(name) }])),
    },
  },
});
const statusIn = (message: AgentToServer): AgentStatus | undefined => {
  const body = message.effectiveConfig?.configMap?.configMap[STATUS_FILE]?.body;
  const reading = body && readStatus(parseJson(Buffer.from(body).toString("utf8")));
  return reading?.ok ? reading.value : undefined;
};
const configIn = ({ remoteConfigStatus }: AgentToServer) => remoteConfigStatus?.status;
const hashIn = ({ remoteConfigStatus }: AgentToServer) => [
  ...(remoteConfigStatus?.lastRemoteConfigHash ?? []),
];
const bitsOf = (message: AgentToServer) => Number(message.capabilities);

test("it shows the hub a token of its own making, good for a minute and for that hub alone", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  await hub.message(() => true);
  expect(hub.paths).toEqual([OPAMP_PATH]);
  const [, token = ""] = /^Bearer (.+)$/.exec(hub.calls[0]?.authorization ?? "") ?? [];
  const { payload, protectedHeader } = await jwtVerify(
    token,
    keyObjectOf(agent.request.identity.publicKey),
    {
      ...{ issuer: "fra-1", subject: "fra-1", audience: hub.url, algorithms: ["EdDSA"] },
    },
  );
  expect(protectedHeader.alg).toBe("EdDSA");
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
  expect(payload.jti).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  expect(hub.calls[0]?.["sec-websocket-extensions"]).toBeUndefined();
});

test("its first message says everything", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  const first = await hub.message(() => true);
  expect(first.instanceUid).toHaveLength(16);
  expect((first.instanceUid[6] ?? 0) >> 4).toBe(7);
  expect(first.sequenceNum).toBe(1n);
  expect(bitsOf(first) & AgentCapabilities.AgentCapabilities_AcceptsRemoteConfig).not.toBe(0);
  const attributes = first.agentDescription?.identifyingAttributes.map(({ key, value }) => [
    key,
    value?.value.value,
  ]);
  expect(attributes).toEqual([
    ["service.name", "millwright-agent"],
    ["service.version", "0.1.0"],
    ["host.name", "fra-1"],
  ]);
  expect(first.agentDescription?.nonIdentifyingAttributes[0]?.key).toBe("os.type");
  expect(first.health?.healthy).toBe(true);
  expect(statusIn(first)?.host).toBe("fra-1");
  expect(first.customCapabilities?.capabilities).toEqual([telemetryCapability, linkCapability]);
  expect(agent.codes()).toEqual([]);
});

test("its instance id outlives a restart", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  const { instanceUid } = await hub.message(() => true);
  const kept = await readFile(join(agent.request.state.identity, "instance"), "utf8");
  expect(kept.trim()).toBe(Buffer.from(instanceUid).toString("hex"));
  hub.socket().terminate();
  const again = await hub.message(({ agentDescription }) => agentDescription !== undefined, 1);
  expect(again.instanceUid).toEqual(instanceUid);
});

test("later messages say only what changed, and count up by one", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  await hub.message(() => true);
  agent.become({ gateway: "127.0.0.1:7430" });
  const second = await hub.message(({ sequenceNum }) => sequenceNum === 2n);
  expect(statusIn(second)?.gateway).toBe("127.0.0.1:7430");
  expect(second.agentDescription).toBeUndefined();
  expect(second.customCapabilities).toBeUndefined();
});

test("it does not report what did not change, however often it is woken", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  await hub.message(() => true);
  for (let time = 0; time < 5; time += 1) {
    agent.become({});
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(hub.heard).toHaveLength(1);
});

test("a hub that asks for everything gets it", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  await hub.message(() => true);
  agent.clock.offset += 2_000;
  hub.say({ flags: 1n });
  const full = await hub.message(({ agentDescription }) => agentDescription !== undefined, 1);
  expect(statusIn(full)).toBeDefined();
});

test("a hub that asks for everything in every answer gets it once a second, not in a storm", async () => {
  await using hub = await startHub({ answer: () => ({ flags: 1n }) });
  await using _ = await startAgent({ hubs: [hub.url] });
  await hub.message(() => true);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(hub.heard.length).toBeLessThanOrEqual(2);
});

test("an idle agent beats every half minute, with nothing but its name", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  await hub.message(() => true);
  agent.clock.offset += 30_000;
  const beat = await hub.message(({ sequenceNum }) => sequenceNum === 2n);
  expect(beat.instanceUid).toHaveLength(16);
  expect(beat.effectiveConfig).toBeUndefined();
  expect(beat.health).toBeUndefined();
});

test("an offer is judged, and what became of it reported: applying, then applied", async () => {
  const judged = Promise.withResolvers<void>();
  await using hub = await startHub();
  await using agent = await startAgent({
    hubs: [hub.url],
    offered: async () => {
      await judged.promise;
      return { ok: true };
    },
  });
  await hub.message(() => true);
  hub.say(offer(["1.root.json", "timestamp.json", "plan.json", "../../etc/passwd", "evil.sh"]));
  const applying = await hub.message((message) => configIn(message) === APPLYING);
  expect(hashIn(applying)).toEqual(hash);
  judged.resolve();
  const applied = await hub.message((message) => configIn(message) === APPLIED);
  expect(hashIn(applied)).toEqual(hash);
  expect([...(agent.offers[0]?.keys() ?? [])].sort()).toEqual([
    "1.root.json",
    "plan.json",
    "timestamp.json",
  ]);
});

test("a refusal is reported with its reason, and so is a disk that fails, which is tried again by itself", async () => {
  await using hub = await startHub();
  const answers = [
    () => ({ ok: false, reason: "trust/rolled-back", message: "Revision 1 after 2." }) as const,
    () => {
      throw new Failure("trust/cannot-remember", "The disk is full.");
    },
  ];
  await using agent = await startAgent({
    hubs: [hub.url],
    offered: async () => answers[agent.offers.length - 1]?.() ?? { ok: true },
  });
  await hub.message(() => true);
  hub.say(offer(["plan.json"]));
  const refused = await hub.message((message) => configIn(message) === FAILED);
  expect(refused.remoteConfigStatus?.errorMessage).toBe("trust/rolled-back: Revision 1 after 2.");
  hub.say(offer(["plan.json"], [4]));
  const failed = await hub.message(
    ({ remoteConfigStatus }) =>
      remoteConfigStatus?.errorMessage.startsWith("trust/cannot-remember") === true,
  );
  expect(hashIn(failed)).toEqual([4]);
  const applied = await hub.message((message) => configIn(message) === APPLIED);
  expect(hashIn(applied)).toEqual([4]);
  // What was refused is not.
  expect(agent.offers).toHaveLength(3);
});

test("offers are judged one at a time, and of those that wait only the latest", async () => {
  let busy = 0;
  let most = 0;
  const first = Promise.withResolvers<void>();
  const judged: number[] = [];
  await using hub = await startHub();
  await using _ = await startAgent({
    hubs: [hub.url],
    offered: async (_delivery, [number = 0]) => {
      busy += 1;
      most = Math.max(most, busy);
      judged.push(number);
      await first.promise;
      busy -= 1;
      return { ok: true };
    },
  });
  await hub.message(() => true);
  hub.say(offer(["plan.json"], [1]));
  await hub.message((message) => configIn(message) === APPLYING);
  for (const number of [2, 3, 4]) hub.say(offer(["plan.json"], [number]));
  await new Promise((resolve) => setTimeout(resolve, 50));
  first.resolve();
  await hub.message(
    (message) =>
      configIn(message) === APPLIED && message.remoteConfigStatus?.lastRemoteConfigHash[0] === 4,
  );
  expect(most).toBe(1);
  expect(judged).toEqual([1, 4]);
});

test("what is in force is not reported anew when it is offered again", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  await hub.message(() => true);
  hub.say(offer(["plan.json"]));
  await hub.message((message) => configIn(message) === APPLIED);
  const count = hub.heard.length;
  hub.say(offer(["plan.json"]));
  await eventually(() => agent.offers[1], "the second offer is judged");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(hub.heard.slice(count)).toEqual([]);
});

test("custom messages leave while there is a connection, and are dropped otherwise", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  const { link } = agent;
  expect(link.send(telemetryCapability, "sample", Uint8Array.of(1))).toBe(false);
  let connects = 0;
  const forget = link.onOnline(() => {
    connects += 1;
  });
  await holds(() => connects === 1, "the listener hears of the connection");
  expect(link.send(telemetryCapability, "sample", Uint8Array.of(7))).toBe(true);
  const { customMessage } = await hub.message((message) => message.customMessage !== undefined);
  expect(customMessage).toMatchObject({ capability: telemetryCapability, type: "sample" });
  expect([...(customMessage?.data ?? [])]).toEqual([7]);
  forget();
  hub.socket().terminate();
  await holds(() => hub.calls.length === 2, "it comes back");
  expect(connects).toBe(1);
});

test("a hub that does not read does not fill the agent's memory", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url] });
  await hub.message(() => true);
  hub.socket().pause();
  const large = new Uint8Array(256 * 1024);
  const sent = Array.from({ length: 200 }, () => agent.link.send(telemetryCapability, "x", large));
  expect(sent[0]).toBe(true);
  expect(sent.at(-1)).toBe(false);
});

test("it says goodbye before it goes", async () => {
  await using hub = await startHub();
  await using agent = await startAgent({ hubs: [hub.url], longest: 1_000 });
  await hub.message(() => true);
  await agent.stop();
  await holds(() => hub.closes.length === 1, "the connection is closed");
  expect(hub.closes).toEqual([1000]);
  expect(hub.heard.at(-1)?.agentDisconnect).toBeDefined();
});
