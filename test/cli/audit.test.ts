/** What ran where, and who agreed: real signatures in git, real receipts at a real hub, and some that are not. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  canonicalBytes,
  canonicalDigest,
  type Envelope,
  publicKeyOf,
  RECEIPT_TYPE,
  type Receipt,
  seal,
} from "@millwright/schema";
import { beforeEach, expect, test } from "vitest";
import type { AuditReport } from "../../compiler/audit/audit.ts";
import { hostOf, offeringHub, released, type TestHost, tokenOf } from "../compiler/hub-kit.ts";
import { NOON, releaseOf, type Workshop } from "../compiler/release-kit.ts";
import { millwright } from "./cli-kit.ts";

const HOUR = 3_600_000;
const one = hostOf("fra-1");
const two = hostOf("zrh-1");
/** What revision 2 has for the first host. */
const changed = { ...one.plan, telemetry: { everyMs: 7_000 } };

let shop: Workshop;

beforeEach(async () => {
  shop = await released(one, two);
  await releaseOf(shop, [changed, two.plan]);
});

function receipt(host: TestHost, counter: number, change: Partial<Receipt> = {}): Receipt {
  return {
    ...{ schema: "receipt/1", host: host.name, counter, revision: 1 },
    id: `0192f5a0-0000-7000-8000-${host === one ? "0" : "1"}0000000000${counter}`,
    plan: canonicalDigest(host.plan),
    ...{ result: "running", models: [], at: NOON },
    ...change,
  };
}

const first = receipt(one, 1);
const second = receipt(one, 2, {
  ...{ before: canonicalDigest(first), revision: 2, plan: canonicalDigest(changed) },
  at: NOON + HOUR,
});

function sealed(value: Receipt, by: TestHost = one): Envelope {
  return seal(RECEIPT_TYPE, canonicalBytes(value), by.key, publicKeyOf(by.key));
}

/** Audits receipts from a file. */
async function audited(envelopes: readonly unknown[], ...argv: readonly string[]) {
  const file = join(shop.folder, "receipts.jsonl");
  writeFileSync(file, envelopes.map((each) => `${JSON.stringify(each)}\n`).join(""));
  const said = await millwright(shop.repository, "audit", ...argv, "--receipts", file, "--json");
  return { ...said, report: said.json() as AuditReport };
}

const codesOf = ({ faults }: AuditReport) => faults.map(({ code }) => code);

test("what hosts signed and sent to a hub is joined with who wrote and who signed it", async () => {
  const hub = await offeringHub(shop);
  for (const value of [first, second]) {
    const answer = await fetch(`${hub.url}/v1/receipts`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${await tokenOf(one)}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(sealed(value)),
    });
    expect(answer.status).toBe(200);
  }
  const { code, out, err } = await millwright(shop.repository, "audit", "--hub", hub.url);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("revision 2, plan sha256:");
  expect(out).toContain("ran from 2026-11-23T13:00:00.000Z on");
  expect(out).toContain("ran from 2026-11-23T12:00:00.000Z to 2026-11-23T13:00:00.000Z");
  expect(out).toMatch(/signed by ed25519:/);
  expect(out).toContain("the host has said nothing of it");
  expect(out).toContain("Every receipt fits.");
});

test("a host, a commit, an instant", async () => {
  const all = [sealed(first), sealed(second)];
  const { report, code } = await audited(all, "fra-1");
  expect(code).toBe(0);
  expect(report.hosts.map(({ host }) => host)).toEqual(["fra-1"]);
  expect(report.hosts[0]?.entries).toMatchObject([
    { revision: 2, result: "running", from: NOON + HOUR },
    { revision: 1, result: "running", from: NOON, until: NOON + HOUR },
  ]);
  const commit = report.hosts[0]?.entries[0]?.commit ?? "";
  expect((await audited(all, commit.slice(0, 10))).report.hosts).toHaveLength(2);
  const then = await audited(all, "--at", new Date(NOON + HOUR / 2).toISOString());
  expect(then.report.hosts).toMatchObject([{ host: "fra-1", entries: [{ revision: 1 }] }]);
  const early = await audited(all, "--at", new Date(NOON - HOUR).toISOString());
  expect(early.report.hosts).toEqual([]);
  expect((await millwright(shop.repository, "audit", "--at", "noon")).err).toContain(
    "write a time",
  );
});

test.each<[string, readonly Envelope[], string]>([
  ["signed by another key", [sealed(first, two)], "audit/bad-signature"],
  [
    "changed after it was signed",
    [{ ...sealed(first), payload: sealed(second).payload }],
    "audit/bad-signature",
  ],
  [
    "of a plan that nobody agreed to",
    [sealed({ ...first, plan: canonicalDigest(two.plan) })],
    "audit/other-plan",
  ],
  [
    "of a revision that there is not",
    [sealed({ ...first, revision: 9 })],
    "audit/unknown-revision",
  ],
  ["whose predecessor is gone", [sealed(second)], "audit/gap"],
  [
    "that does not follow on the one before",
    [sealed(first), sealed({ ...second, before: canonicalDigest(second) })],
    "audit/forked",
  ],
  [
    "of which there are two",
    [sealed(first), sealed({ ...first, result: "failed", reason: "clone" })],
    "audit/forked",
  ],
])("a receipt %s is named, and the audit ends with 1", async (_, envelopes, fault) => {
  const { code, report } = await audited(envelopes);
  expect(code).toBe(1);
  expect(codesOf(report)).toEqual([fault]);
});

test("what is no receipt at all is named, and keeps nothing else from being told", async () => {
  const { code, report } = await audited([sealed(first), 7, { payload: "x" }, sealed(second)]);
  expect(code).toBe(1);
  expect(codesOf(report)).toEqual(["audit/bad-signature", "audit/bad-signature"]);
  expect(report.hosts[0]?.entries).toHaveLength(2);
});

test("a hub that is not there, one that is none, and one to which the token would go in the clear", async () => {
  const at = (hub: string) => millwright(shop.repository, "audit", "--hub", hub);
  expect(await at("http://127.0.0.1:1")).toMatchObject({
    code: 3,
    err: expect.stringContaining("Name the hub with --hub"),
  });
  expect((await at("http://hub.example.org")).err).toContain("asked by https");
  expect((await at("ftp://hub.example.org")).err).toContain("write https://");
});
