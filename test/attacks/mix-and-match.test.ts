import { type Delivery, delivered } from "@millwright/schema";
import { expect, test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/mix-and-match";

/** Files of two deliveries that are both signed by everybody who must sign. */
function offerMixed(exchanged: (number: number) => string): void {
  const { evil, forged, revision } = world();
  const number = revision() + 1;
  const here = forged();
  const there = forged({ commit: "c".repeat(40) });
  const name = exchanged(number);
  const other = there.get(name) ?? Buffer.of();
  expect(other).not.toEqual(here.get(name));
  const mixed: Delivery = new Map(here).set(name, other);
  evil.offer(mixed);
}

test("the snapshot of another delivery is not the one that the timestamp names", () =>
  unharmed(world(), { code, attack: () => offerMixed(delivered.snapshot) }));

test("the targets of another delivery are not those that the snapshot names", () =>
  unharmed(world(), { code, attack: () => offerMixed(delivered.targets) }));

test("the statement of another delivery is not the one that people signed in this", () =>
  unharmed(world(), { code, attack: () => offerMixed(() => delivered.revision) }));
