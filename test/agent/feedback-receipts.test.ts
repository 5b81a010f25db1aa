/** The chain of a host's receipts: it neither forks nor skips, wherever the power fails. */
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { canonicalDigest, type Envelope, Receipt, readerOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { openOutbox } from "../../agent/feedback/outbox.ts";
import { systemChance, systemClock } from "../../agent/life/life.ts";
import { identityOf, stateFolder } from "./feedback-kit.ts";

const read = readerOf(Receipt);
const happened = {
  ...{ revision: 7, plan: `sha256:${"0".repeat(64)}`, result: "running" as const },
  models: [],
};

async function host() {
  const state = await stateFolder();
  const identity = identityOf();
  const open = (now = systemClock.now) =>
    openOutbox(state.outbox, {
      ...{ identity, chance: systemChance, clock: { ...systemClock, now } },
    });
  const receipts = async () => {
    const names = (await readdir(state.outbox)).filter((name) => /^[0-9a-f-]{36}/.test(name));
    const found = await Promise.all(
      names.map(async (name) => {
        const text = await readFile(join(state.outbox, name), "utf8");
        const { payload } = JSON.parse(text) as Envelope;
        const receipt = read(JSON.parse(Buffer.from(payload, "base64").toString("utf8")));
        if (!receipt.ok) throw new Error("no receipt");
        return receipt.value;
      }),
    );
    return found.toSorted((a, b) => a.counter - b.counter);
  };
  return { open, receipts, folder: state.outbox };
}

test("each receipt follows on the one before, also when many are made at once, and over restarts", async () => {
  const { open, receipts } = await host();
  const outbox = await open();
  await Promise.all([1, 2, 3].map(() => outbox.put(happened)));
  await (await open()).put(happened);
  // By a clock that was set back.
  await (await open(() => systemClock.now() - 86_400_000)).put(happened);
  await (await open()).put(happened);
  const all = await receipts();
  expect(all.map(({ counter }) => counter)).toEqual([1, 2, 3, 4, 5, 6]);
  for (const [index, receipt] of all.entries()) {
    const former = all[index - 1];
    expect(receipt.before).toBe(former === undefined ? undefined : canonicalDigest(former));
  }
});

test("what the hub has is removed, and the chain goes on from it all the same", async () => {
  const { open, receipts } = await host();
  const outbox = await open();
  await outbox.put(happened);
  await outbox.put(happened);
  const [, second] = await receipts();
  for (let left = 2; left > 0; left -= 1) await (await outbox.next())?.done();
  expect(await receipts()).toEqual([]);
  await (await open()).put(happened);
  const [third] = await receipts();
  expect(third).toMatchObject({ counter: 3, before: canonicalDigest(second) });
});

test("without what it wrote down of the chain it goes on from the receipts that wait", async () => {
  const { open, receipts, folder } = await host();
  const outbox = await open();
  await outbox.put(happened);
  await outbox.put(happened);
  await rm(join(folder, "head.json"), { force: true });
  await (await open()).put(happened);
  expect((await receipts()).map(({ counter }) => counter)).toEqual([1, 2, 3]);
});
