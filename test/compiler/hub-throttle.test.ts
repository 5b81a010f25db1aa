import fc from "fast-check";
import { expect, test } from "vitest";
import { fairQueue, throttle } from "../../compiler/hub/admit/admit.ts";

/** How many of each kind come through when so many of each knock every second, for `seconds`. */
function through(perSecond: number, urgent: number, ordinary: number, seconds: number) {
  const door = throttle(perSecond);
  const passed = { urgent: 0, ordinary: 0 };
  const all = urgent + ordinary;
  for (let knock = 0; knock < all * seconds; knock += 1) {
    // 7919 is prime to every total here: the kinds come mixed.
    const isUrgent = (knock * 7919) % all < urgent;
    if (door.admit((knock / all) * 1000, isUrgent).ok)
      passed[isUrgent ? "urgent" : "ordinary"] += 1;
  }
  return passed;
}

test("no more pass than so many a second, and a burst of one second", () => {
  const { urgent, ordinary } = through(100, 500, 500, 10);
  expect(urgent + ordinary).toBeGreaterThan(1_000);
  // What a second brings, one second's worth that had been saved, and the credit on which ordinary hosts have their turn.
  expect(urgent + ordinary).toBeLessThanOrEqual(1_200);
});

test("hosts with running work go first when there is not room for all", () => {
  const { urgent, ordinary } = through(100, 80, 500, 10);
  expect(urgent).toBeGreaterThan(0.95 * 800);
  expect(ordinary).toBeLessThan(0.1 * 5_000);
});

test("hosts with running work that knock without end do not keep the others out", () => {
  const { ordinary } = through(100, 5_000, 50, 20);
  // One in five of what goes through.
  expect(ordinary).toBeGreaterThanOrEqual(0.18 * 100 * 20);
});

test("alone, either kind has nearly all the room there is", () => {
  expect(through(100, 500, 0, 10).urgent).toBeGreaterThan(1_000);
  expect(through(100, 0, 500, 10).ordinary).toBeGreaterThan(1_000);
});

test("whoever is turned away is told to come back when those before it have passed", () => {
  const door = throttle(100);
  const waits = Array.from({ length: 2_000 }, () => {
    const passage = door.admit(0, true);
    return passage.ok ? 0 : passage.retryAfterSeconds;
  });
  expect(waits.filter((seconds) => seconds === 0)).toHaveLength(100);
  expect(waits[100]).toBe(5);
  expect(waits.at(-1)).toBe(23);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  // After a quiet second nobody is waited for any more.
  expect(door.admit(60_000, true)).toEqual({ ok: true });
});

test("nobody is told to wait longer than a minute", () => {
  const door = throttle(10);
  const last = Array.from({ length: 5_000 }, () => door.admit(0, false)).at(-1);
  expect(last).toEqual({ ok: false, retryAfterSeconds: 60 });
});

test("a clock that jumps back lets nobody in for free, and locks nobody out", () => {
  const door = throttle(10);
  for (let count = 0; count < 10; count += 1) door.admit(1_000_000, true);
  expect(door.admit(0, true).ok).toBe(false);
  expect(door.admit(200, true).ok).toBe(true);
});

test("one address with a thousand connections takes turns with those that have one", () => {
  const queue = fairQueue<string>();
  for (let count = 0; count < 1_000; count += 1) queue.add("10.0.0.1", "flood");
  queue.add("10.0.0.2", "two");
  queue.add("10.0.0.3", "three");
  const first = Array.from({ length: 4 }, () => queue.take());
  expect(first).toEqual(["flood", "two", "three", "flood"]);
});

test("what is put in comes out once, in order within its key, whatever the order of the calls", () => {
  const call = fc.oneof(fc.constant("take" as const), fc.integer({ min: 0, max: 4 }));
  fc.assert(
    fc.property(fc.array(call, { maxLength: 200 }), (calls) => {
      const queue = fairQueue<{ readonly key: number; readonly at: number }>();
      const out: { readonly key: number; readonly at: number }[] = [];
      let put = 0;
      for (const [at, what] of calls.entries()) {
        if (what === "take") out.push(...[queue.take() ?? []].flat());
        else {
          queue.add(String(what), { key: what, at });
          put += 1;
        }
      }
      out.push(...queue.drain());
      expect(out).toHaveLength(put);
      expect(queue.size).toBe(0);
      for (const line of Map.groupBy(out, ({ key }) => key).values())
        expect(line).toEqual(line.toSorted((a, b) => a.at - b.at));
    }),
  );
});
