/** The first life of an agent in a slot, and the lives after it: when its starts count. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deskOf, passing, type Wish } from "./update-desk-kit.ts";
import { archiveOf, digest } from "./update-kit.ts";

const trial: Wish = {
  ...{ version: "0.2.0", launched: { slot: "a", isTrial: true } },
  pointer: { current: { slot: "a", version: "0.2.0", digest }, confirmed: false, starts: 2 },
  missing: "the gateway does not listen",
};

test("an agent on trial is confirmed once it is truly up, and begins no update before", async () => {
  const desk = await deskOf(trial);
  desk.name("0.3.0", archiveOf("0.3.0"));
  await desk.clock.pass(60_000);
  expect(await desk.pointer()).toMatchObject({ confirmed: false, starts: 2 });
  expect(readdirSync(join(desk.host.state, "blobs/sha256"))).toEqual([]);
  desk.missing = undefined;
  await passing(desk, "the next update", () => desk.relaunched > 0);
  expect(desk.happened("update/confirmed")).toBe(1);
});

test("an agent on trial that is not up in five minutes ends, so that its start counts", async () => {
  const desk = await deskOf(trial);
  await desk.clock.pass(310_000);
  await expect(desk.running).rejects.toMatchObject({
    code: "update/not-up",
    message: expect.stringContaining("the gateway does not listen"),
  });
  expect(await desk.pointer()).toMatchObject({ confirmed: false, starts: 2 });
});

test("an agent on trial that is told to stop gives its start back", async () => {
  const desk = await deskOf(trial);
  await desk.clock.pass(5_000);
  await desk.end();
  expect(await desk.pointer()).toMatchObject({ confirmed: false, starts: 1 });
});

test("a confirmed agent forgets the starts before this one once it is up, and gives this one back when it is not", async () => {
  const confirmed: Wish = {
    ...trial,
    launched: { slot: "a" },
    pointer: { ...trial.pointer, confirmed: true, starts: 6 },
  };
  const desk = await deskOf(confirmed);
  await desk.clock.pass(10_000);
  await desk.end();
  expect(await desk.pointer()).toMatchObject({ confirmed: true, starts: 5 });
  const again = await deskOf(confirmed);
  again.missing = undefined;
  await passing(again, "the starts are forgotten", () => again.host.pointer()?.starts === 0);
  await again.end();
  expect(await again.pointer()).toMatchObject({ confirmed: true, starts: 0 });
  expect(again.happened("update/confirmed")).toBe(0);
});
