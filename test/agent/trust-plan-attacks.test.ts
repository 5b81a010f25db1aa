import { canonicalBytes, delivered, type HostName } from "@millwright/schema";
import fc from "fast-check";
import { expect, test } from "vitest";
import { changed, NAMES, next, refusals, settled } from "./trust-attack-kit.ts";
import { DAY, deliveryOf, noon, planOf, signer, timestampBytes } from "./trust-kit.ts";

test("trust/mix-and-match: files of two revisions, each of them authentic", async () => {
  const reasons = await refusals((desk) => {
    const honest = desk.delivery(next);
    const other = desk.delivery({ ...next, commit: "c".repeat(40) });
    return [
      ...(["snapshot", "targets", "revision"] as const).map((name) =>
        new Map(honest).set(NAMES[name], other.get(NAMES[name]) ?? new Uint8Array()),
      ),
      desk.delivery({ ...next, targetsVersion: 7 }),
    ];
  });
  expect(new Set(reasons)).toEqual(new Set(["trust/mix-and-match"]));
});

test("trust/mix-and-match: the version that the timestamp signed is not that of the snapshot", async () => {
  const reasons = await refusals((desk) => {
    const honest = desk.delivery(next);
    const snapshot = honest.get(NAMES.snapshot) ?? new Uint8Array();
    const at = { version: noon, expires: noon + DAY };
    const timestamp = timestampBytes(desk.fleet.online, snapshot, 9, at);
    return [new Map(honest).set(NAMES.timestamp, timestamp).set(delivered.snapshot(9), snapshot)];
  });
  expect(reasons).toEqual(["trust/mix-and-match"]);
});

test("trust/wrong-length: a file that was cut, or has grown", async () => {
  const reasons = await refusals((desk) => {
    const honest = desk.delivery(next);
    return (["snapshot", "targets", "revision"] as const).map((name) =>
      changed(honest, NAMES[name], (text) => `${text} `),
    );
  });
  expect(new Set(reasons)).toEqual(new Set(["trust/wrong-length"]));
});

test("trust/equivocation: another revision under the number that was accepted", async () => {
  const reasons = await refusals((desk) => [
    desk.delivery({ ...next, number: 5, commit: "c".repeat(40) }),
  ]);
  expect(reasons).toEqual(["trust/equivocation"]);
});

test("trust/changed-plan: the plan in other words", async () => {
  const reasons = await refusals((desk) => {
    const honest = desk.delivery(next);
    return [
      changed(honest, NAMES.plan, (text) => ` ${text}`),
      changed(honest, NAMES.plan, (text) => JSON.stringify(JSON.parse(text), null, 1)),
      changed(honest, NAMES.plan, (text) => text.replace("{", '{"host":"zrh-1",')),
    ];
  });
  expect(new Set(reasons)).toEqual(new Set(["trust/changed-plan"]));
});

test("trust/not-in-tree: a plan outside the tree, a changed leaf, a proof for another leaf", async () => {
  const reasons = await refusals((desk) => {
    const honest = desk.delivery(next);
    const evil = planOf(desk.self.host, desk.self.publicKey, { hubs: ["ws://evil.example"] });
    const foreign = deliveryOf(desk.fleet, { ...next, plans: [evil] });
    return [
      new Map(honest).set(NAMES.plan, canonicalBytes(evil)),
      new Map(honest)
        .set(NAMES.plan, canonicalBytes(evil))
        .set(NAMES.inclusion, foreign.get(NAMES.inclusion) ?? new Uint8Array()),
      changed(honest, NAMES.plan, (text) => text.replace('"de"', '"df"')),
      changed(honest, NAMES.inclusion, (text) => text.replace('"index":0', '"index":1')),
    ];
  });
  expect(new Set(reasons)).toEqual(new Set(["trust/not-in-tree"]));
});

test("trust/other-host: a plan of the same revision that is for somebody else", async () => {
  const reasons = await refusals((desk) => [desk.delivery({ ...next, to: "zrh-1" as HostName })]);
  expect(reasons).toEqual(["trust/other-host"]);
});

test("trust/other-key: a plan for a machine that had our name before", async () => {
  const reasons = await refusals((desk) => [
    desk.delivery({ ...next, plans: [planOf(desk.self.host, signer().publicKey)] }),
  ]);
  expect(reasons).toEqual(["trust/other-key"]);
});

test("whatever single byte of a delivery is changed, it is refused", async () => {
  const { desk, trust } = await settled();
  await using _ = desk;
  const honest = desk.delivery(next);
  const accepted = trust.accepted();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...honest.keys()),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (name, at, mask) => {
        const bytes = Uint8Array.from(honest.get(name) ?? []);
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ mask;
        const verdict = await trust.offer(new Map(honest).set(name, bytes));
        expect(verdict.ok).toBe(false);
        expect(trust.accepted()).toBe(accepted);
      },
    ),
    { numRuns: 200 },
  );
});
