import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import {
  canonicalDigest,
  type Envelope,
  publicKeyOf,
  RECEIPT_TYPE,
  type Receipt,
  seal,
} from "@millwright/schema";
import { expect, test } from "vitest";
import { EPOCH, sampleOf, upload } from "./hub-feedback-kit.ts";
import { hostOf, offeringHub, released, type TestHost, type TestHub, tokenOf } from "./hub-kit.ts";
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
  expect(await hub.json("/v1/quarantine")).toMatchObject({
    quarantined: expect.arrayContaining([
      expect.objectContaining({ host: "fra-1", what: "sample", body: "no JSON at all" }),
    ]),
  });
});

test("a segment that is forged, misplaced or too large is refused, and nothing of it kept", async () => {
  const hub = await offeringHub(await released(one, two));
  const good = [sampleOf(one, 1)];
  const elsewhere = [sampleOf(one, 1, { epoch: EPOCH.replace("0", "1") })];
  const refused = async (
    samples: readonly unknown[],
    options: Parameters<typeof upload>[3],
    ...[status, code]: [number, string]
  ) =>
    expect(await upload(hub, one, samples, options)).toMatchObject({
      status,
      body: { error: { code } },
    });
  await refused(good, { key: two.key }, 403, "hub/bad-signature");
  await refused([sampleOf(two, 1)], { host: "fra-2" }, 403, "hub/other-host");
  await refused([sampleOf(two, 1)], {}, 422, "hub/misplaced-sample");
  await refused([sampleOf(one, 7)], {}, 422, "hub/misplaced-sample");
  await refused([sampleOf(one, 2), sampleOf(one, 1)], {}, 422, "hub/misplaced-sample");
  await refused(elsewhere, {}, 422, "hub/misplaced-sample");
  await refused([], { body: Buffer.from("{}") }, 400, "hub/bad-segment");
  await refused([], { first: 5, last: 3 }, 400, "hub/bad-path");
  await refused([], { body: bomb }, 413, "hub/segment-too-large");
  await refused([], { body: randomBytes(9 * 1024 ** 2) }, 413, "hub/bad-request");
  await refused(good, { token: "none" }, 401, "hub/unknown-host");
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
    counter: 1,
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
        counter: 1,
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

test("receipts form a chain: a gap is told until it is filled, a second branch is evidence", async () => {
  const hub = await offeringHub(await released(one));
  const id = (n: number) => `0192f5a0-0000-7000-8000-00000000000${n}`;
  const first = receiptOf(one, { id: id(1) });
  const link = (counter: number, before: Receipt, change: Partial<Receipt> = {}) =>
    receiptOf(one, { id: id(counter), counter, before: canonicalDigest(before), ...change });
  const second = link(2, first);
  const third = link(3, second);
  const codes = async () => {
    const { events } = (await hub.json("/v1/events")) as { events: { code: string }[] };
    return events.map(({ code }) => code).filter((code) => code.startsWith("receipt/"));
  };
  const kept = async () => {
    const { receipts } = (await hub.json("/v1/receipts")) as { receipts: { counter: number }[] };
    return receipts.map(({ counter }) => counter).toSorted();
  };
  for (const receipt of [first, third])
    expect(await post(hub, one, receipt)).toMatchObject({ status: 200 });
  expect(await codes()).toEqual(["receipt/gap"]);
  await post(hub, one, second);
  expect(await kept()).toEqual([1, 2, 3]);
  // The clone of a disk goes on from the first as well; another tells another first; a third one cuts in.
  await post(hub, one, link(2, first, { id: id(7), result: "failed", reason: "clone" }));
  await post(hub, one, receiptOf(one, { id: id(8), result: "failed", reason: "clone" }));
  await post(hub, one, link(4, first, { id: id(9) }));
  expect(await kept()).toEqual([1, 2, 3]);
  expect(await codes()).toEqual([...Array<string>(3).fill("receipt/forked"), "receipt/gap"]);
  const sealed = (await hub.json("/v1/receipts/sealed?limit=2")) as { next: string };
  expect(sealed).toMatchObject({ receipts: [{ id: id(1) }, { id: id(2) }], next: id(2) });
  expect(await hub.json(`/v1/receipts/sealed?limit=2&after=${sealed.next}`)).toMatchObject({
    receipts: [{ id: id(3), host: "fra-1", key: publicKeyOf(one.key) }],
  });
});

test("a receipt that is forged or none is refused", async () => {
  const hub = await offeringHub(await released(one, two));
  const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });
  const bad = refusal(403, "hub/bad-signature");
  expect(await post(hub, one, receiptOf(one), two)).toMatchObject(bad);
  expect(await post(hub, one, receiptOf(two))).toMatchObject(refusal(403, "hub/other-host"));
  const none = { schema: "receipt/1" };
  expect(await post(hub, one, none)).toMatchObject(refusal(400, "hub/bad-receipt"));
  expect(await hub.json("/v1/receipts")).toEqual({ receipts: [] });
});
