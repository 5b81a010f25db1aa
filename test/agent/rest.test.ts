/** Memory is given back once things have come to rest. */
import { expect, test } from "vitest";
import { collectAtRest } from "../../agent/life/life.ts";
import { leapingClock } from "./clock-kit.ts";

test("what the start has left is collected once, when half a minute went by without work, and never again", async () => {
  const clock = leapingClock();
  const end = new AbortController();
  let [done, isBusy, collected] = [0, true, 0];
  const collect = () => {
    collected += 1;
  };
  const service = collectAtRest({ clock, collect, done: () => done, isBusy: () => isBusy })(
    end.signal,
  );
  await clock.pass(90_000);
  expect(collected).toBe(0);
  // What began and ended between two looks is work as well.
  [isBusy, done] = [false, 1];
  await clock.pass(30_000);
  expect(collected).toBe(0);
  await clock.pass(30_000);
  expect(collected).toBe(1);
  done = 2;
  await clock.pass(3_600_000);
  expect(collected).toBe(1);
  end.abort();
  await service;
});
