import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { Failure } from "../../agent/life/life.ts";
import { pinRoot, type Trust } from "../../agent/trust/trust.ts";
import { deskOf } from "./trust-desk-kit.ts";
import {
  DAY,
  deliveryOf,
  fleetOf,
  HOUR,
  noon,
  planOf,
  rootBytes,
  rootSpec,
  signer,
} from "./trust-kit.ts";

const answer = async (trust: Trust, delivery: ReadonlyMap<string, Uint8Array>) => {
  const verdict = await trust.offer(delivery);
  return verdict.ok ? "accepted" : verdict.reason;
};
const codeOf = async (promise: Promise<unknown>) => {
  const thrown: unknown = await promise.catch((error: unknown) => error);
  return thrown instanceof Failure ? thrown.code : thrown;
};

test("a delivery that people signed becomes the accepted plan", async () => {
  await using desk = await deskOf();
  const trust = await desk.open();
  expect(trust.accepted()).toBeUndefined();
  expect(await answer(trust, desk.delivery())).toBe("accepted");
  expect(trust.accepted()?.plan).toEqual(desk.plans[0]);
  expect(trust.accepted()?.revision.predicate.number).toBe(1);
  expect(desk.codes()).toEqual([]);
});

test("what was accepted is there after a restart, also long after it has expired", async () => {
  await using desk = await deskOf();
  const trust = await desk.open();
  await trust.offer(desk.delivery({ number: 5 }));
  desk.clock.at = noon + 10 * 365 * DAY;
  expect((await desk.open()).accepted()).toEqual(trust.accepted());
  expect(desk.codes()).toEqual([]);
});

test("the same delivery again is accepted, and costs no write and no event", async () => {
  await using desk = await deskOf();
  const trust = await desk.open();
  const delivery = desk.delivery();
  await trust.offer(delivery);
  const [accepted, memory, events] = [trust.accepted(), await desk.memory(), [...desk.events]];
  expect(await answer(trust, delivery)).toBe("accepted");
  expect(trust.accepted()).toBe(accepted);
  expect(await desk.memory()).toEqual(memory);
  expect(desk.events).toEqual(events);
});

test("a fresher timestamp over the same revision is remembered and changes no plan", async () => {
  await using desk = await deskOf();
  const trust = await desk.open();
  await trust.offer(desk.delivery());
  const [accepted, memory, events] = [trust.accepted(), await desk.memory(), [...desk.events]];
  const fresher = desk.delivery({ timestampVersion: noon, timestampExpires: noon + 2 * DAY });
  expect(await answer(trust, fresher)).toBe("accepted");
  expect(trust.accepted()).toBe(accepted);
  expect(desk.events).toEqual(events);
  expect(await desk.memory()).not.toEqual(memory);
});

test("a newer revision takes the place of the accepted one, also when versions are skipped", async () => {
  await using desk = await deskOf();
  const trust = await desk.open();
  await trust.offer(desk.delivery());
  const change = planOf(desk.self.host, desk.self.publicKey, { site: "ber" });
  const newer = desk.delivery({ number: 7, now: noon + HOUR, plans: [change] });
  expect(await answer(trust, newer)).toBe("accepted");
  expect(trust.accepted()?.plan.site).toBe("ber");
});

test("a chain of roots is followed, and kept once a delivery is accepted", async () => {
  await using desk = await deskOf();
  const { fleet } = desk;
  const heir = signer();
  const second = rootBytes({
    ...rootSpec({ ...fleet, root: heir }, 2),
    signers: [fleet.root, heir],
  });
  const third = rootBytes(rootSpec({ ...fleet, root: heir }, 3));
  const roots = new Map([
    [1, fleet.rootBytes],
    [2, second],
    [3, third],
  ]);
  expect(await answer(await desk.open(), desk.delivery({ roots }))).toBe("accepted");
  // The first two are no longer needed: the third is what this host trusts now.
  const again = await desk.open();
  expect(await answer(again, desk.delivery({ number: 2, now: noon + HOUR }))).toBe("accepted");
  const fourth = rootBytes(rootSpec({ ...fleet, root: fleet.root }, 4));
  const stolen = desk.delivery({ number: 3, now: noon + 2 * HOUR, roots: new Map([[4, fourth]]) });
  expect(await answer(again, stolen)).toBe("trust/bad-signature");
});

test("fast-forward: versions that a thief counted to the end are forgotten when the root exchanges the key", async () => {
  await using desk = await deskOf();
  const { fleet } = desk;
  const trust = await desk.open();
  const end = Number.MAX_SAFE_INTEGER;
  const burnt = desk.delivery({ number: 5, timestampVersion: end, snapshotVersion: end });
  expect(await answer(trust, burnt)).toBe("accepted");
  expect(await answer(trust, desk.delivery({ number: 6, now: noon + HOUR }))).toBe(
    "trust/rolled-back",
  );
  const online = signer();
  const second = rootBytes(rootSpec({ ...fleet, online }, 2));
  const recovered = { online, now: noon + HOUR, roots: new Map([[2, second]]) };
  // The floor under revisions stays: the same people still sign them.
  expect(await answer(trust, desk.delivery({ ...recovered, number: 4 }))).toBe("trust/rolled-back");
  expect(await answer(trust, desk.delivery({ ...recovered, number: 6 }))).toBe("accepted");
});

test("fast-forward: numbers that thieves of the release keys burnt end with the last of their keys", async () => {
  await using desk = await deskOf();
  const { fleet } = desk;
  const trust = await desk.open();
  expect(await answer(trust, desk.delivery({ number: Number.MAX_SAFE_INTEGER }))).toBe("accepted");
  const online = signer();
  const next = { online, now: noon + HOUR, number: 6 };
  const one = [fleet.people[0], signer()] as const;
  const half = rootBytes(rootSpec({ ...fleet, online, people: one }, 2));
  const halfway = desk.delivery({ ...next, people: one, roots: new Map([[2, half]]) });
  expect(await answer(trust, halfway)).toBe("trust/rolled-back");
  const both = [signer(), signer()] as const;
  const whole = rootBytes(rootSpec({ ...fleet, online, people: both }, 2));
  const recovered = desk.delivery({ ...next, people: both, roots: new Map([[2, whole]]) });
  expect(await answer(trust, recovered)).toBe("accepted");
});

test("the good plan is the newest that was kept as good, also after a restart and an exchange of keys", async () => {
  await using desk = await deskOf();
  const { fleet } = desk;
  const trust = await desk.open();
  const other = (site: string) => [planOf(desk.self.host, desk.self.publicKey, { site })];
  await trust.offer(desk.delivery({ number: 1, plans: other("a") }));
  const [good] = [trust.accepted()];
  if (good === undefined) throw new Error("nothing accepted");
  await trust.keepGood(good);
  const people = [signer(), signer()] as const;
  const roots = new Map([[2, rootBytes(rootSpec({ ...fleet, people }, 2))]]);
  const second = { number: 2, now: noon + HOUR, plans: other("b"), people, roots };
  expect(await answer(trust, desk.delivery(second))).toBe("accepted");
  // Revision 2 fails on this host, so nobody keeps it; 1 cannot be kept any more, it is not the accepted one.
  expect(await answer(trust, desk.delivery({ ...second, number: 3, now: noon + 2 * HOUR }))).toBe(
    "accepted",
  );
  await trust.keepGood(good);
  const again = await desk.open();
  expect(again.accepted()?.plan.site).toBe("b");
  expect(again.good()).toEqual(good);
});

test("two deliveries at once are judged one after the other", async () => {
  await using desk = await deskOf();
  const trust = await desk.open();
  const [newer, older] = [desk.delivery({ number: 3, now: noon + 1000 }), desk.delivery()];
  expect(await Promise.all([answer(trust, newer), answer(trust, older)])).toEqual([
    "accepted",
    "trust/rolled-back",
  ]);
});

test("a refusal is an alarm until the next delivery that is accepted", async () => {
  await using desk = await deskOf();
  const trust = await desk.open();
  await trust.offer(new Map());
  expect(desk.codes()).toEqual(["trust/incomplete"]);
  expect(desk.events.map(({ event }) => event)).toEqual(["trust/refused"]);
  await trust.offer(desk.delivery());
  expect(desk.codes()).toEqual([]);
});

test("that nobody vouches for the accepted plan any more is a condition, and ends with a fresh timestamp", async () => {
  await using desk = await deskOf();
  const trust = await desk.open();
  await trust.offer(desk.delivery());
  const stop = new AbortController();
  const watching = trust.watch(stop.signal);
  const turns = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setImmediate(done));
  };
  await turns();
  expect(desk.codes()).toEqual([]);
  desk.clock.at = noon + DAY;
  await turns();
  expect(desk.codes()).toEqual(["trust/stale"]);
  expect(trust.accepted()).toBeDefined();
  await trust.offer(desk.delivery({ now: noon + DAY }));
  await turns();
  stop.abort();
  await watching;
  expect(desk.codes()).toEqual([]);
});

test("a root is pinned once: the same again is nothing, another is refused", async () => {
  await using desk = await deskOf({ pinned: false });
  const { state, fleet } = desk;
  await pinRoot(state, fleet.rootBytes, digestOf(fleet.rootBytes));
  await pinRoot(state, fleet.rootBytes);
  expect(await codeOf(pinRoot(state, fleetOf().rootBytes))).toBe("trust/already-pinned");
  expect(await answer(await desk.open(), desk.delivery())).toBe("accepted");
});

test("a root that is not the one whose fingerprint is known, or not sound, is never pinned", async () => {
  await using desk = await deskOf({ pinned: false });
  const { state, fleet } = desk;
  const other = digestOf("another root");
  expect(await codeOf(pinRoot(state, fleet.rootBytes, other))).toBe("trust/other-root");
  expect(await codeOf(pinRoot(state, Buffer.from("{}")))).toBe("trust/bad-root");
  const unsigned = rootBytes({ ...rootSpec(fleet, 1), signers: [signer()] });
  expect(await codeOf(pinRoot(state, unsigned))).toBe("trust/bad-root");
  expect(await desk.memory()).toEqual({});
});

test("a plan of another fleet's root is nothing to this host", async () => {
  await using desk = await deskOf();
  const trust = await desk.open();
  const foreign = deliveryOf(fleetOf(), { number: 1, plans: desk.plans });
  expect(await answer(trust, foreign)).toBe("trust/bad-signature");
});

test("what the state folder holds is proved again: a plan that was changed on the disk does not run", async () => {
  await using desk = await deskOf();
  await (await desk.open()).offer(desk.delivery());
  const { "trust.json": text = "" } = await desk.memory();
  const memory = JSON.parse(text) as { accepted: Record<string, string> };
  const forged = planOf(desk.self.host, desk.self.publicKey, { site: "evil" });
  memory.accepted["plan.json"] = Buffer.from(JSON.stringify(forged)).toString("base64");
  await writeFile(join(desk.state.trust, "trust.json"), JSON.stringify(memory));
  const trust = await desk.open();
  expect(trust.accepted()).toBeUndefined();
  expect(desk.codes()).toEqual(["trust/changed-plan"]);
});
