import { delivered } from "@millwright/schema";
import { expect, test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/mix-and-match";

test("snapshot, targets and statement of one delivery do not go with those of another, though all are signed", () =>
  unharmed(world(), {
    code,
    async attack() {
      const { evil, forged, revision } = world();
      const number = revision() + 1;
      const here = forged();
      const there = forged({ commit: "c".repeat(40) });
      for (const name of [
        delivered.snapshot(number),
        delivered.targets(number),
        delivered.revision,
      ]) {
        const other = there.get(name) ?? Buffer.of();
        expect(other).not.toEqual(here.get(name));
        expect(await evil.refusal(new Map(here).set(name, other))).toBe(code);
      }
    },
  }));
