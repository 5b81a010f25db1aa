import { encodeServerFrame } from "@millwright/schema/opamp";
import { expect, test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const HOUR = 3_600_000;

test("a hub that holds back everything new is found out when the last word on what is the newest has expired", () =>
  unharmed(world(), {
    code: "trust/stale",
    async attack() {
      const { evil, clock, release } = world();
      evil.hooks = {
        down: ({ remoteConfig, ...rest }, frame) =>
          remoteConfig === undefined ? [frame] : [encodeServerFrame({ flags: rest.flags })],
      };
      await release();
      clock.advance(25 * HOUR);
    },
  }));

test("what was the newest yesterday is not accepted as news today", () =>
  unharmed(world(), {
    code: "trust/frozen",
    async attack() {
      const { evil, clock, forged } = world();
      const yesterday = forged({ now: clock.now() - 25 * HOUR });
      expect(await evil.refusal(yesterday)).toBe("trust/frozen");
    },
  }));
