/** A host that runs revision 5, and deliveries that it must refuse without a trace. */
import { type Delivery, delivered } from "@millwright/schema";
import { expect } from "vitest";
import type { RefusalCode, Trust } from "../../agent/trust/trust.ts";
import { type Desk, deskOf } from "./trust-desk-kit.ts";
import { HOUR, noon } from "./trust-kit.ts";

export const NAMES = {
  timestamp: delivered.timestamp,
  snapshot: delivered.snapshot(6),
  targets: delivered.targets(6),
  revision: delivered.revision,
  plan: delivered.plan,
  inclusion: delivered.inclusion,
} as const;
/** The next honest revision, an hour later. */
export const next = { number: 6, now: noon + HOUR } as const;

/** A host that runs revision 5. */
export async function settled(): Promise<{ readonly desk: Desk; readonly trust: Trust }> {
  const desk = await deskOf();
  const trust = await desk.open();
  const verdict = await trust.offer(desk.delivery({ number: 5 }));
  if (!verdict.ok) throw new Error(verdict.message);
  desk.clock.at = noon + HOUR;
  return { desk, trust };
}

/** The reasons with which deliveries are refused, each of them without a trace. */
export async function refusals(
  deliveriesOf: (desk: Desk) => readonly Delivery[],
): Promise<readonly RefusalCode[]> {
  const { desk, trust } = await settled();
  await using _ = desk;
  const memory = await desk.memory();
  const accepted = trust.accepted();
  const reasons: RefusalCode[] = [];
  for (const delivery of deliveriesOf(desk)) {
    const verdict = await trust.offer(delivery);
    if (verdict.ok) throw new Error("accepted");
    expect(await desk.memory()).toEqual(memory);
    expect(trust.accepted()).toBe(accepted);
    expect(desk.codes()).toEqual([verdict.reason]);
    reasons.push(verdict.reason);
  }
  const honest = await trust.offer(desk.delivery(next));
  expect(honest.ok).toBe(true);
  return reasons;
}

export const changed = (
  files: Delivery,
  name: string,
  change: (text: string) => string,
): Delivery => {
  const text = Buffer.from(files.get(name) ?? "").toString("utf8");
  return new Map(files).set(name, Buffer.from(change(text)));
};
export const without = (files: Delivery, name: string): Delivery =>
  new Map([...files].filter(([file]) => file !== name));
