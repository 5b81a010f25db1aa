/** The line that all downloads share. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { digestOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { systemClock } from "../../agent/life/life.ts";
import { rateAt } from "../../agent/store/bandwidth.ts";
import { limitOf } from "../../agent/store/limit.ts";
import { codeOf, serve, storeKit } from "./store-kit.ts";

const never = new AbortController().signal;
const quiet = () => undefined;

test("two downloads at once take together no more than the line may carry", async () => {
  const model = randomBytes(400_000);
  const limit = limitOf(() => 1_000_000, systemClock);
  const begin = performance.now();
  const take = async () => {
    for (let at = 0; at < model.length; at += 50_000) await limit.take(50_000, never);
    return performance.now() - begin;
  };
  const [one, other] = await Promise.all([take(), take()]);
  expect(Math.max(one, other)).toBeGreaterThan(700);
  expect(Math.max(one, other)).toBeLessThan(3_000);
  // Neither waits until the other has all.
  expect(Math.abs(one - other)).toBeLessThan(400);
});

test("a limit slows a transfer down, and no source is blamed for it", async () => {
  const model = randomBytes(200_000);
  const { store, clock, conditions } = await storeKit({
    model,
    plan: () => ({ store: { bandwidth: { most: 4_000 } } }),
  });
  const begin = clock.now();
  let here = false;
  const blob = { name: "mail", size: model.length, sources: ["hub:"] };
  const fetched = store.fetch(digestOf(model), blob, quiet, never).then(() => {
    here = true;
  });
  for (let turn = 0; turn < 600 && !here; turn += 1) {
    await clock.pass(1_000);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await fetched;
  expect((clock.now() - begin) / 1_000).toBeGreaterThanOrEqual(49);
  expect(here).toBe(true);
  expect(conditions.list()).toEqual([]);
  expect(await readFile(store.path(digestOf(model)))).toEqual(model);
});

test("a clock that is set back does not hold the line for so long", async () => {
  const clock = {
    at: 1e12,
    slept: 0,
    now: () => clock.at,
    sleep: async (ms: number) => {
      clock.slept = ms;
    },
  };
  const limit = limitOf(() => 1_000, clock);
  await limit.take(5_000, never);
  clock.at -= 3_600_000;
  await limit.take(5_000, never);
  expect(clock.slept).toBe(5_000);
});

test("while a window is open the line carries less; the strictest window counts", () => {
  const window = (starts: string, most: number) => ({
    ...{ name: "day", lastsMs: 8 * 3_600_000, timezone: "Europe/Berlin" },
    ...{ starts, most },
  });
  const bandwidth = {
    most: 9_000,
    windows: [window("0 9 * * 1-5", 3_000), window("0 12 * * 1-5", 1_000)],
  };
  const at = (time: string) => rateAt(bandwidth, Date.parse(`2026-11-23T${time}+01:00`));
  expect([at("08:59:59"), at("09:00:00"), at("12:00:00"), at("16:59:59"), at("20:00:00")]).toEqual([
    9_000, 3_000, 1_000, 1_000, 9_000,
  ]);
  expect(rateAt({ windows: [window("nonsense", 1)] }, 0)).toBeUndefined();
});

test("mirrors are asked before the blob's own sources, by digest; one that is elsewhere must speak TLS", async () => {
  const model = randomBytes(10_000);
  const digest = digestOf(model);
  const mirror = await serve(model);
  const kit = await storeKit({
    plan: () => ({ store: { mirrors: ["http://mirror.example/m", `${mirror.origin}/m/`] } }),
  });
  await kit.store.fetch(digest, { name: "mail", size: 10_000, sources: ["hub:"] }, quiet, never);
  expect(mirror.requests.map(({ url }) => url)).toEqual([`/m/sha256/${digest.slice(7)}`]);
  expect(kit.hub.requests).toEqual([]);

  const far = await storeKit({ plan: () => ({ store: { mirrors: ["http://mirror.example/m"] } }) });
  const sources = ["file:///does/not/exist"];
  const failure = await codeOf(
    far.store.fetch(digest, { name: "mail", size: 10_000, sources }, quiet, never),
  );
  expect(failure.message).toContain("no https:// address");
});
