/** Attacks on the metadata, one a test. In each the state folder and the accepted plan stay as they were, and an alarm of that name is raised. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deliveryLimits, type HostPlan } from "@millwright/schema";
import { Key } from "@tufjs/models";
import { expect, test } from "vitest";
import { changed, NAMES, next, refusals, settled, without } from "./trust-attack-kit.ts";
import { deskOf } from "./trust-desk-kit.ts";
import { DAY, HOUR, noon, rootBytes, rootSpec, signer } from "./trust-kit.ts";

test("trust/no-root: without a pinned root nothing is believed", async () => {
  await using desk = await deskOf({ pinned: false });
  const trust = await desk.open();
  const verdict = await trust.offer(desk.delivery());
  expect(verdict).toMatchObject({ ok: false, reason: "trust/no-root" });
  expect(await desk.memory()).toEqual({});
});

test("trust/damaged: a host that cannot read what it accepted says so, and does not start over by itself", async () => {
  const { desk } = await settled();
  await using _ = desk;
  const whole = (await desk.memory())["trust.json"] ?? "";
  for (const text of [
    "",
    whole.slice(0, whole.length / 2),
    "{}",
    whole.replace(/"root":"..../, '"root":"AAAA'),
  ]) {
    await writeFile(join(desk.state.trust, "trust.json"), text);
    const trust = await desk.open();
    expect(trust.accepted()).toBeUndefined();
    expect(desk.codes()).toEqual(["trust/damaged"]);
    const verdict = await trust.offer(desk.delivery(next));
    expect(verdict).toMatchObject({ ok: false, reason: "trust/damaged" });
    expect((await desk.memory())["trust.json"]).toBe(text);
  }
});

test("trust/incomplete: a delivery that lacks a file, or everything", async () => {
  const reasons = await refusals((desk) => [
    new Map(),
    ...Object.values(NAMES).map((name) => without(desk.delivery(next), name)),
  ]);
  expect(new Set(reasons)).toEqual(new Set(["trust/incomplete"]));
});

test("trust/too-large: endless data in any file", async () => {
  const files = ["timestamp", "snapshot", "targets", "revision", "plan", "inclusion"] as const;
  const reasons = await refusals((desk) => [
    ...files.map((name) =>
      new Map(desk.delivery(next)).set(NAMES[name], Buffer.alloc(deliveryLimits[name] + 1, " ")),
    ),
    new Map(desk.delivery(next)).set("2.root.json", Buffer.alloc(deliveryLimits.root + 1, " ")),
  ]);
  expect(new Set(reasons)).toEqual(new Set(["trust/too-large"]));
});

test("trust/too-large: a chain of roots that does not end", async () => {
  const reasons = await refusals((desk) => {
    const spec = rootSpec(desk.fleet, 1);
    const chain = Array.from({ length: 257 }, (_, at) => at + 2).map(
      (version) => [version, rootBytes({ ...spec, version })] as const,
    );
    return [desk.delivery({ ...next, roots: new Map(chain) })];
  });
  expect(reasons).toEqual(["trust/too-large"]);
});

test("trust/malformed: files that are no JSON, no metadata, nested without end, or of a thousand keys", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 1000 }, (_, at) => [`${at}.json`, { version: 1 }]),
  );
  const reasons = await refusals((desk) => {
    const honest = desk.delivery(next);
    return [
      changed(honest, NAMES.timestamp, () => "no JSON"),
      changed(honest, NAMES.timestamp, () => "[".repeat(10_000)),
      changed(honest, NAMES.timestamp, (text) =>
        text.replace('"_type":"timestamp"', '"_type":"root"'),
      ),
      changed(honest, NAMES.timestamp, (text) => text.replace(/"version":\d+/g, '"version":1e400')),
      changed(honest, NAMES.snapshot, () =>
        JSON.stringify({ signed: { _type: "snapshot", meta: many } }),
      ),
      changed(honest, NAMES.targets, () => "null"),
      changed(honest, NAMES.inclusion, () => '{"index":0,"size":2,"path":["../etc"]}'),
      changed(honest, NAMES.plan, () => "[".repeat(100_000)),
      changed(honest, NAMES.plan, () => '{"host":"../../etc/passwd"}'),
      new Map(honest).set("2.root.json", Buffer.from("{}")),
    ];
  });
  expect(new Set(reasons)).toEqual(new Set(["trust/malformed"]));
});

test("trust/malformed: a plan that people signed but this agent does not understand", async () => {
  const reasons = await refusals((desk) => {
    const strange: HostPlan = { ...desk.plans[0], ...{ newField: true } };
    return [desk.delivery({ ...next, plans: [strange] })];
  });
  expect(reasons).toEqual(["trust/malformed"]);
});

test("trust/bad-signature: a wrong signer, too few signers, one signer twice, one changed byte", async () => {
  const reasons = await refusals((desk) => {
    const { fleet } = desk;
    const [one, two] = fleet.people;
    return [
      desk.delivery({ ...next, people: [signer(), signer()] }),
      desk.delivery({ ...next, people: [one] }),
      desk.delivery({ ...next, people: [one, one] }),
      desk.delivery({ ...next, people: [two, fleet.online] }),
      desk.delivery({ ...next, people: [] }),
      desk.delivery({ ...next, online: signer() }),
      desk.delivery({ ...next, online: one }),
      changed(desk.delivery(next), NAMES.timestamp, (text) => text.replace("2026", "2027")),
    ];
  });
  expect(new Set(reasons)).toEqual(new Set(["trust/bad-signature"]));
});

test("trust/bad-signature: a root that the root before did not sign, or that did not sign itself", async () => {
  const reasons = await refusals((desk) => {
    const { fleet } = desk;
    const thief = signer();
    const theirs = rootSpec({ ...fleet, root: thief, online: thief, people: [thief, signer()] }, 2);
    const wish = { ...next, online: thief };
    return [
      desk.delivery({ ...wish, roots: new Map([[2, rootBytes(theirs)]]) }),
      desk.delivery({
        ...wish,
        roots: new Map([[2, rootBytes({ ...theirs, signers: [fleet.root] })]]),
      }),
    ];
  });
  expect(reasons).toEqual(["trust/bad-signature", "trust/bad-signature"]);
});

test("trust/one-key-twice: one key under two ids counts once", async () => {
  const reasons = await refusals((desk) => {
    const spec = rootSpec(desk.fleet, 2);
    const [one] = desk.fleet.people;
    const alias = Key.fromJSON("f".repeat(64), { ...one.tuf.toJSON(), note: "the same key" });
    const roles = { ...spec.roles, targets: { keys: [one.tuf, alias], threshold: 2 } };
    return [desk.delivery({ ...next, roots: new Map([[2, rootBytes({ ...spec, roles })]]) })];
  });
  expect(reasons).toEqual(["trust/one-key-twice"]);
});

test("trust/weak-key: a key of small order, which anybody can sign with", async () => {
  const reasons = await refusals((desk) => {
    const spec = rootSpec(desk.fleet, 2);
    const fields = { keytype: "ed25519", scheme: "ed25519" };
    const weak = ["00".repeat(32), `01${"00".repeat(31)}`, "ff".repeat(32)].map((hex, at) =>
      Key.fromJSON(`${at}`.repeat(64), { ...fields, keyval: { public: hex } }),
    );
    return weak.map((key) => {
      const keys = [...desk.fleet.people.map(({ tuf }) => tuf), key];
      const roles = { ...spec.roles, targets: { keys, threshold: 2 } };
      return desk.delivery({ ...next, roots: new Map([[2, rootBytes({ ...spec, roles })]]) });
    });
  });
  expect(reasons).toEqual(["trust/weak-key", "trust/weak-key", "trust/weak-key"]);
});

test("trust/rolled-back: an older timestamp, snapshot, targets, revision, or root", async () => {
  const reasons = await refusals((desk) => [
    desk.delivery({ ...next, timestampVersion: 1 }),
    desk.delivery({ ...next, snapshotVersion: 4 }),
    desk.delivery({ ...next, number: 4, snapshotVersion: 6 }),
    desk.delivery({ ...next, number: 4 }),
    new Map(desk.delivery(next)).set("2.root.json", desk.fleet.rootBytes),
  ]);
  expect(new Set(reasons)).toEqual(new Set(["trust/rolled-back"]));
});

test("trust/rolled-back: the floor outlives a restart", async () => {
  const { desk } = await settled();
  await using _ = desk;
  const verdict = await (await desk.open()).offer(desk.delivery({ ...next, number: 4 }));
  expect(verdict).toMatchObject({ ok: false, reason: "trust/rolled-back" });
});

test("trust/frozen: an expired timestamp, snapshot, targets or root", async () => {
  const past = noon + HOUR - 1000;
  const reasons = await refusals((desk) => {
    const spec = rootSpec(desk.fleet, 2);
    const expired = rootBytes({ ...spec, expires: past });
    return [
      desk.delivery({ ...next, timestampExpires: past }),
      desk.delivery({ ...next, snapshotExpires: past }),
      desk.delivery({ ...next, targetsExpires: past }),
      desk.delivery({ ...next, roots: new Map([[2, expired]]) }),
    ];
  });
  expect(new Set(reasons)).toEqual(new Set(["trust/frozen"]));
});

test("trust/frozen: what was accepted yesterday is refused as news today, and goes on running", async () => {
  const { desk, trust } = await settled();
  await using _ = desk;
  desk.clock.at = noon + DAY;
  const verdict = await trust.offer(desk.delivery({ number: 5 }));
  expect(verdict).toMatchObject({ ok: false, reason: "trust/frozen" });
  expect(trust.accepted()?.revision.predicate.number).toBe(5);
});

test("what a hub offers wrongly again and again is refused each time, and logged once a minute", async () => {
  const { desk, trust } = await settled();
  await using _ = desk;
  const logged = () => desk.events.filter(({ event }) => event === "trust/refused").length;
  const offer = () => trust.offer(desk.delivery({ ...next, number: 4 }));
  for (let count = 0; count < 20; count += 1)
    expect(await offer()).toMatchObject({ reason: "trust/rolled-back" });
  expect(logged()).toBe(1);
  desk.clock.at += 61_000;
  await offer();
  expect(logged()).toBe(2);
});
