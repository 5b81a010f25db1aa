import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type Envelope, publicKeyOf, RECEIPT_TYPE, type Receipt, seal } from "@millwright/schema";
import { expect, test } from "vitest";
import {
  EPOCH,
  hostOf,
  offeringHub,
  released,
  sampleOf,
  type TestHost,
  type TestHub,
  tokenOf,
  upload,
} from "./hub-kit.ts";
import { DAY, NOON } from "./release-kit.ts";

const one = hostOf("fra-1");
const two = hostOf("fra-2");

async function idsOf(hub: TestHub, query = ""): Promise<string[]> {
  const { samples } = (await hub.json(`/v1/feedback${query}`)) as { samples: { id: string }[] };
  return samples.map(({ id }) => id);
}

test("a segment is taken once, however often it comes", async () => {
  const hub = await offeringHub(await released(one));
  const samples = [sampleOf(one, 1), sampleOf(one, 2)];
  expect(await upload(hub, one, samples)).toEqual({ status: 200, body: { committed: 2 } });
  expect(await upload(hub, one, samples)).toEqual({ status: 200, body: { committed: 2 } });
  // Sealed anew with one more: what is there already stays as it is.
  const more = [...samples, sampleOf(one, 3)];
  expect(await upload(hub, one, more)).toEqual({ status: 200, body: { committed: 3 } });
  expect(await idsOf(hub)).toHaveLength(3);
  expect(await hub.json("/v1/feedback?limit=1")).toMatchObject({
    samples: [{ ...sampleOf(one, 3), receivedAt: NOON }],
  });
});

test("the same id with another content is set aside, and the rest is taken", async () => {
  const hub = await offeringHub(await released(one));
  await upload(hub, one, [sampleOf(one, 1)]);
  const changed = sampleOf(one, 1, { task: "something-else" });
  const answer = await upload(hub, one, [changed, sampleOf(one, 2)]);
  expect(answer).toEqual({ status: 200, body: { committed: 2, quarantined: 1 } });
  // The host sends it again and again until it is acknowledged: no error, and no second copy.
  const again = await upload(hub, one, [changed, sampleOf(one, 2)]);
  expect(again).toEqual({ status: 200, body: { committed: 2 } });
  expect(await idsOf(hub)).toHaveLength(2);
  expect(await hub.json("/v1/feedback?limit=2")).toMatchObject({
    samples: [{ task: "summarise-mail" }, { task: "summarise-mail" }],
  });
  expect(await hub.json("/v1/events?limit=1")).toMatchObject({
    events: [{ code: "hub/quarantined", host: "fra-1" }],
  });
});

test("a line that is no sample is set aside instead of being refused for ever", async () => {
  const hub = await offeringHub(await released(one));
  const lines = [sampleOf(one, 1), { schema: "fb/2" }, "no JSON at all", sampleOf(one, 4)];
  const answer = await upload(hub, one, lines);
  expect(answer).toEqual({ status: 200, body: { committed: 4, quarantined: 2 } });
  expect(await idsOf(hub)).toHaveLength(2);
});

test.each([
  [
    "signed by another key",
    (hub: TestHub) => upload(hub, one, [sampleOf(one, 1)], { key: two.key }),
    403,
    "hub/bad-signature",
  ],
  [
    "under another host's name",
    (hub: TestHub) => upload(hub, one, [sampleOf(two, 1)], { host: "fra-2" }),
    403,
    "hub/other-host",
  ],
  [
    "with another host's samples",
    (hub: TestHub) => upload(hub, one, [sampleOf(two, 1)]),
    422,
    "hub/misplaced-sample",
  ],
  [
    "with samples outside its range",
    (hub: TestHub) => upload(hub, one, [sampleOf(one, 7)]),
    422,
    "hub/misplaced-sample",
  ],
  [
    "with samples in disorder",
    (hub: TestHub) => upload(hub, one, [sampleOf(one, 2), sampleOf(one, 1)]),
    422,
    "hub/misplaced-sample",
  ],
  [
    "of another life of the spool",
    (hub: TestHub) => upload(hub, one, [sampleOf(one, 1, { epoch: EPOCH.replace("0", "1") })]),
    422,
    "hub/misplaced-sample",
  ],
  [
    "that is not packed",
    (hub: TestHub) => upload(hub, one, [], { body: Buffer.from("{}") }),
    400,
    "hub/bad-segment",
  ],
  [
    "with its range the wrong way round",
    (hub: TestHub) => upload(hub, one, [], { first: 5, last: 3 }),
    400,
    "hub/bad-path",
  ],
  [
    "that unpacks to more than was agreed",
    (hub: TestHub) => upload(hub, one, [], { body: bomb }),
    413,
    "hub/segment-too-large",
  ],
  [
    "larger than was agreed",
    (hub: TestHub) => upload(hub, one, [], { body: randomBytes(9 * 1024 ** 2) }),
    413,
    "hub/bad-request",
  ],
  [
    "without a token",
    (hub: TestHub) => upload(hub, one, [sampleOf(one, 1)], { token: "none" }),
    401,
    "hub/unknown-host",
  ],
] as const)("a segment %s is refused and nothing of it kept", async (_what, send, status, code) => {
  const hub = await offeringHub(await released(one, two));
  expect(await send(hub)).toMatchObject({ status, body: { error: { code } } });
  expect(await idsOf(hub)).toEqual([]);
});

const bomb = gzipSync(Buffer.alloc(65 * 1024 ** 2));

test("feedback is forgotten when its time is over", async () => {
  const shop = await released(one);
  const hub = await offeringHub(shop);
  const { governance } = sampleOf(one, 1);
  const lasting = { governance: { ...governance, expiresAt: NOON + 9 * DAY } };
  const over = { governance: { ...governance, expiresAt: NOON - 1 } };
  const samples = [sampleOf(one, 1), sampleOf(one, 2, lasting), sampleOf(one, 3, over)];
  // What came too late is acknowledged, so that the host forgets it too.
  expect(await upload(hub, one, samples)).toMatchObject({ body: { committed: 3 } });
  expect(await idsOf(hub)).toHaveLength(2);
  await hub.stop();
  const later = await offeringHub(shop, { at: NOON + 2 * DAY });
  expect(await idsOf(later)).toEqual([sampleOf(one, 2).id]);
});

test("feedback is listed newest first, in parts, by kind", async () => {
  const hub = await offeringHub(await released(one));
  await upload(hub, one, [sampleOf(one, 1), sampleOf(one, 2)]);
  hub.advance(5_000);
  const comment = sampleOf(one, 3, { kind: "comment", body: { text: "fine" } } as never);
  await upload(hub, one, [comment], { first: 3 });
  const [first, second, third] = [3, 2, 1].map((seq) => sampleOf(one, seq).id);
  expect(await hub.json("/v1/feedback?limit=2")).toMatchObject({ next: second });
  expect(await idsOf(hub, "?limit=2")).toEqual([first, second]);
  expect(await idsOf(hub, `?limit=2&after=${second}`)).toEqual([third]);
  expect(await idsOf(hub, "?kind=comment")).toEqual([first]);
  for (const query of [
    "?limit=0",
    "?limit=2000",
    "?kind=what",
    "?after=unknown",
    "?limit=1&limit=2",
  ]) {
    expect((await hub.get(`/v1/feedback${query}`)).status).toBe(400);
  }
});

function receiptOf(host: TestHost, changes: Partial<Receipt> = {}): Receipt {
  const plan = `sha256:${"c".repeat(64)}`;
  return {
    schema: "receipt/1",
    id: "0192f5a0-0000-7000-8000-000000000001",
    host: host.name,
    revision: 1,
    plan,
    result: "running",
    models: [plan],
    at: NOON,
    ...changes,
  };
}

async function post(hub: TestHub, host: TestHost, receipt: unknown, signer = host) {
  const bytes = Buffer.from(JSON.stringify(receipt));
  const envelope: Envelope = seal(RECEIPT_TYPE, bytes, signer.key, publicKeyOf(signer.key));
  const response = await fetch(`${hub.url}/v1/receipts`, {
    method: "POST",
    headers: { authorization: `Bearer ${await tokenOf(host)}`, "content-type": "application/json" },
    body: JSON.stringify(envelope),
  });
  return { status: response.status, body: await response.json() };
}

test("a receipt is kept once; another one under its id is set aside", async () => {
  const hub = await offeringHub(await released(one));
  const receipt = receiptOf(one);
  const taken = { status: 200, body: { committed: receipt.id } };
  expect(await post(hub, one, receipt)).toEqual(taken);
  expect(await post(hub, one, receipt)).toEqual(taken);
  expect(await post(hub, one, receiptOf(one, { result: "failed", reason: "no" }))).toEqual(taken);
  const { plan, models } = receipt;
  expect(await hub.json("/v1/receipts")).toEqual({
    receipts: [
      {
        id: receipt.id,
        host: "fra-1",
        revision: 1,
        plan,
        result: "running",
        reason: null,
        models,
        at: NOON,
        receivedAt: NOON,
      },
    ],
  });
  expect(await hub.json("/v1/events?limit=1")).toMatchObject({
    events: [{ code: "hub/quarantined" }],
  });
});

test.each([
  ["signed by another host", receiptOf(one), two, 403, "hub/bad-signature"],
  ["about another host", receiptOf(two), one, 403, "hub/other-host"],
  ["that is none", { schema: "receipt/1" }, one, 400, "hub/bad-receipt"],
] as const)("a receipt %s is refused", async (_what, receipt, signer, status, code) => {
  const hub = await offeringHub(await released(one, two));
  expect(await post(hub, one, receipt, signer)).toMatchObject({
    status,
    body: { error: { code } },
  });
  expect(await hub.json("/v1/receipts")).toEqual({ receipts: [] });
});
