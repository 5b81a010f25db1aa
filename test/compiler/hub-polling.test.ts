/** Hosts that poll: OpAMP over plain HTTP. */
import { gzipSync } from "node:zlib";
import {
  decodeServerFrame,
  encodeAgentFrame,
  linkCapability,
  parseReconnect,
  type ServerToAgent,
  ServerToAgentFlags,
} from "@millwright/schema/opamp";
import { expect, test } from "vitest";
import { connect, fullState, statusOf } from "./hub-agent-kit.ts";
import { hostOf, offeringHub, released, type TestHost, type TestHub, tokenOf } from "./hub-kit.ts";
import { releaseOf } from "./release-kit.ts";

const one = hostOf("fra-1");
const two = hostOf("fra-2");
const FULL = BigInt(ServerToAgentFlags.ServerToAgentFlags_ReportFullState);

type AgentMessage = Parameters<typeof encodeAgentFrame>[0];

async function post(
  hub: TestHub,
  host: TestHost,
  body: Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await fetch(`${hub.url}/v1/opamp`, {
    method: "POST",
    headers: {
      "content-type": "application/x-protobuf",
      authorization: `Bearer ${await tokenOf(host)}`,
      ...headers,
    },
    body: Buffer.from(body),
  });
}

/** A host that polls: each call is one message and its answer. */
function pollerOf(hub: TestHub, host: TestHost, first = 0) {
  let sequenceNum = 0n;
  const instanceUid = Uint8Array.from({ length: 16 }, (_, index) => index + first);
  return async (message: AgentMessage = {}): Promise<ServerToAgent> => {
    sequenceNum += 1n;
    const body = encodeAgentFrame({ instanceUid, sequenceNum, ...message }).subarray(1);
    const response = await post(hub, host, body);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/x-protobuf");
    const answer = decodeServerFrame(Buffer.concat([Buffer.of(0), await response.bytes()]));
    if (answer === undefined) throw new Error("the hub answered rubbish");
    return answer;
  };
}

test("a host that polls is asked for everything, given its plan once, and seen as connected", async () => {
  const hub = await offeringHub(await released(one));
  const ask = pollerOf(hub, one);
  const first = await ask();
  expect(first.flags).toBe(FULL);
  expect(first.remoteConfig?.configHash).toHaveLength(32);
  const second = await ask(fullState(statusOf(one)));
  expect([second.flags, second.remoteConfig]).toEqual([0n, undefined]);
  expect(await hub.json("/v1/hosts/fra-1")).toMatchObject({
    connected: true,
    status: statusOf(one),
  });
});

test("a new revision comes with the answer to the next poll", async () => {
  const shop = await released(one);
  const hub = await offeringHub(shop);
  const ask = pollerOf(hub, one);
  const { remoteConfig } = await ask(fullState(statusOf(one)));
  await releaseOf(shop, [one.plan, two.plan]);
  await expect
    .poll(async () => (await ask()).remoteConfig?.configHash ?? remoteConfig?.configHash, {
      timeout: 8_000,
    })
    .not.toEqual(remoteConfig?.configHash);
});

test("a gap between two polls makes the hub ask for everything; whoever says goodbye is gone", async () => {
  const hub = await offeringHub(await released(one));
  const ask = pollerOf(hub, one);
  await ask(fullState(statusOf(one)));
  expect((await ask({ sequenceNum: 9n })).flags).toBe(FULL);
  await ask({ sequenceNum: 10n, agentDisconnect: {} });
  expect(await hub.json("/v1/hosts")).toMatchObject({ hosts: [{ connected: false }] });
});

test("a host that polls no more is forgotten after some minutes", async () => {
  const hub = await offeringHub(await released(one), { limits: { pingMs: 20 } });
  await pollerOf(hub, one)(fullState(statusOf(one)));
  const isConnected = async () => {
    const { connected } = (await hub.json("/v1/hosts/fra-1")) as { connected: boolean };
    return connected;
  };
  hub.advance(120_000);
  expect(await isConnected()).toBe(true);
  hub.advance(40_000);
  await expect.poll(isConnected, { timeout: 5_000 }).toBe(false);
});

test("the newest way in is the host's: a WebSocket ends polling, and its late goodbye ends nothing", async () => {
  const hub = await offeringHub(await released(one));
  const ask = pollerOf(hub, one);
  await ask(fullState(statusOf(one)));
  const socket = await connect(hub, one);
  await socket.ask(fullState(statusOf(one)));
  await ask({ agentDisconnect: {} });
  expect((await socket.ask()).flags).toBe(0n);
  await ask();
  expect(await socket.closed).toBe(1008);
});

test("bodies may be packed, up to four megabytes unpacked, and are what they say they are", async () => {
  const hub = await offeringHub(await released(one));
  const message = encodeAgentFrame({ instanceUid: new Uint8Array(16).fill(1) }).subarray(1);
  const status = async (body: Uint8Array, headers: Record<string, string>) =>
    (await post(hub, one, body, headers)).status;
  const gzip = { "content-encoding": "gzip" };
  expect(await status(gzipSync(message), gzip)).toBe(200);
  expect(await status(gzipSync(Buffer.alloc(5 * 1024 ** 2)), gzip)).toBe(413);
  expect(await status(message, gzip)).toBe(400);
  expect(await status(message, { "content-encoding": "br" })).toBe(415);
  expect(await status(message, { "content-type": "application/json" })).toBe(415);
  expect(await status(Buffer.alloc(5 * 1024 ** 2), {})).toBe(413);
  expect(await status(message, { authorization: "Bearer rubbish" })).toBe(401);
});

test("rubbish by polling gets BadRequest", async () => {
  const hub = await offeringHub(await released(one));
  const response = await post(hub, one, Buffer.from([255, 255, 255]));
  const answer = decodeServerFrame(Buffer.concat([Buffer.of(0), await response.bytes()]));
  expect(answer?.errorResponse?.type).toBe(1);
});

test("two hosts with one instance: the second is given another, and so is whoever asks", async () => {
  const hub = await offeringHub(await released(one, two));
  const ask = pollerOf(hub, one);
  expect((await ask()).agentIdentification).toBeUndefined();
  const given = (await pollerOf(hub, two)()).agentIdentification?.newInstanceUid;
  expect(given).toHaveLength(16);
  expect((given?.[6] ?? 0) >> 4).toBe(7);
  expect((await pollerOf(hub, two, 40)()).agentIdentification).toBeUndefined();
  const asked = (await ask({ flags: 1n })).agentIdentification?.newInstanceUid;
  expect(asked).toHaveLength(16);
  expect(asked).not.toEqual(given);
});

test("two machines with one name and key are named in an event, once", async () => {
  const hub = await offeringHub(await released(one));
  for (let turn = 0; turn < 7; turn += 1) await connect(hub, one);
  const contested = async () => {
    const { events } = (await hub.json("/v1/events")) as {
      events: { code: string; host: string }[];
    };
    return events.filter(({ code }) => code === "hub/contested-host").map(({ host }) => host);
  };
  await expect.poll(contested).toEqual(["fra-1"]);
});

test("a host that talks without end is told to come back later", async () => {
  const hub = await offeringHub(await released(one));
  const agent = await connect(hub, one);
  for (let count = 0; count < 510; count += 1) agent.say();
  expect(await agent.closed).toBe(1013);
  let answer = await agent.hear();
  while (answer.errorResponse === undefined) answer = await agent.hear();
  expect(answer.errorResponse).toMatchObject({
    type: 2,
    retryInfo: { retryAfterNanoseconds: 30_000_000_000n },
  });
});

test("hosts that speak of their connection are told over how long to spread", async () => {
  const hub = await offeringHub(await released(one));
  const { customMessage } = await pollerOf(
    hub,
    one,
  )({
    customCapabilities: { capabilities: [linkCapability] },
  });
  expect(parseReconnect(customMessage?.data ?? new Uint8Array())).toBe(5_000);
});
