/** Clocks that are wrong: they let nothing through, and brick nothing. */
import { expect, test } from "vitest";
import { next, settled } from "./trust-attack-kit.ts";
import { deskOf } from "./trust-desk-kit.ts";
import { DAY, HOUR, noon, rootBytes, rootSpec, signer } from "./trust-kit.ts";

const YEAR = 365 * DAY;

test("at 1970 the first plan is accepted, and the clock is said to be wrong", async () => {
  await using desk = await deskOf();
  desk.clock.at = 0;
  const trust = await desk.open();
  expect(await trust.offer(desk.delivery())).toMatchObject({ ok: true });
  const end = new AbortController();
  const watching = trust.watch(end.signal);
  end.abort();
  await watching;
  expect(desk.codes()).toContain("trust/clock-behind");
});

test("ten years ahead nothing new is accepted, nothing is written, and what runs stays; then all is well again", async () => {
  const { desk, trust } = await settled();
  await using _ = desk;
  const before = await desk.memory();
  desk.clock.at = noon + 10 * YEAR;
  expect(await trust.offer(desk.delivery(next))).toMatchObject({ reason: "trust/frozen" });
  expect(await desk.memory()).toEqual(before);
  expect((await desk.open()).accepted()?.revision.predicate.number).toBe(5);
  desk.clock.at = noon + HOUR;
  expect(await trust.offer(desk.delivery(next))).toMatchObject({ ok: true });
});

test("a clock that jumps back makes nothing fresh that had expired, also not after a restart", async () => {
  const { desk, trust } = await settled();
  await using _ = desk;
  const later = noon + 3 * DAY;
  desk.clock.at = later;
  expect(await trust.offer(desk.delivery({ ...next, now: later }))).toMatchObject({ ok: true });
  desk.clock.at = noon - 10 * YEAR;
  const stale = desk.delivery({
    ...{ number: 7, now: later, timestampVersion: Math.floor(later / 1000) + 60 },
    timestampExpires: later - HOUR,
  });
  for (const each of [trust, await desk.open()])
    expect(await each.offer(stale)).toMatchObject({ ok: false, reason: "trust/frozen" });
  // What is fresh is taken all the same: the host is not cut off.
  const fresh = desk.delivery({ number: 7, now: later + HOUR });
  expect(await trust.offer(fresh)).toMatchObject({ ok: true });
});

test("a hub that says the same again costs no write, however late it is", async () => {
  const { desk, trust } = await settled();
  await using _ = desk;
  const delivery = desk.delivery(next);
  await trust.offer(delivery);
  const before = await desk.memory();
  desk.clock.at = noon + 2 * HOUR;
  expect(await trust.offer(delivery)).toMatchObject({ ok: true });
  expect(await desk.memory()).toEqual(before);
});

test("a floor that a thief of the online key has lifted, with a clock that ran ahead, ends with that key", async () => {
  const { desk, trust } = await settled();
  await using _ = desk;
  // The clock was wrong, and a timestamp that lasts for years made that time look fresh.
  desk.clock.at = noon + 80 * DAY;
  const lifted = desk.delivery({ ...next, timestampExpires: noon + 20 * YEAR });
  expect(await trust.offer(lifted)).toMatchObject({ ok: true });
  desk.clock.at = noon + DAY;
  const honest = { number: 7, now: noon + DAY };
  expect(await trust.offer(desk.delivery({ ...honest, timestampVersion: noon }))).toMatchObject({
    reason: "trust/frozen",
  });
  const online = signer();
  const root = rootBytes(rootSpec({ ...desk.fleet, online }, 2));
  const rotated = desk.delivery({ ...honest, online, roots: new Map([[2, root]]) });
  expect(await trust.offer(rotated)).toMatchObject({ ok: true });
  const day = { number: 8, now: noon + DAY + HOUR, online };
  expect(await trust.offer(desk.delivery(day))).toMatchObject({ ok: true });
});
