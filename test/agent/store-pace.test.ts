import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { digestOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { paceOf } from "../../agent/store/pace.ts";
import { storeKit, tidy } from "./store-kit.ts";

const signal = new AbortController().signal;

function paced() {
  const clock = { at: 0, now: () => clock.at, sleep: async () => undefined };
  const pace = paceOf(clock, "hub:");
  return (afterMs: number, bytes: number) => {
    clock.at += afterMs;
    pace.took(bytes);
  };
}

test("a source that gives less than 8 KiB a second for half a minute is given up", () => {
  const took = paced();
  for (let count = 0; count < 29; count += 1) took(1_000, 1_000);
  expect(() => took(1_000, 1_000)).toThrow(
    expect.objectContaining({ code: "store/too-slow", message: expect.stringContaining("30 s") }),
  );
});

test("a slow line, a burst after a pause, a clock that is set and a machine that slept are no drip", () => {
  const took = paced();
  for (let count = 0; count < 90; count += 1) took(1_000, 9_000);
  took(29_000, 1_000_000);
  took(8 * 3_600_000, 1);
  took(-365 * 86_400_000, 1);
  took(20_000, 1);
});

test("a source that lies is an alarm also when the next one has the right bytes, and until it has them itself", async () => {
  const model = Buffer.from("the right bytes");
  const { folder, store, hub, conditions } = await storeKit({
    model: Buffer.from("other bytes...."),
    plan: () => tidy,
  });
  const path = join(folder, "model.gguf");
  writeFileSync(path, model);
  const digest = digestOf(model);
  const blob = {
    ...{ name: "mail", size: model.length },
    sources: ["hub:", pathToFileURL(path).href],
  };
  await store.fetch(digest, blob, () => undefined, signal);
  const alarm = { code: "store/wrong-digest", severity: "error", subject: "mail from hub:" };
  expect(conditions.list()).toMatchObject([alarm]);
  await store.collect(new Set());
  hub.answer = (_request, response) => response.end(model);
  await store.fetch(digest, blob, () => undefined, signal);
  expect(conditions.list()).toEqual([]);
});
