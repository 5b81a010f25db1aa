import { setTimeout as delay } from "node:timers/promises";
import { test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();

test("a hub that drips a message for ever is left, and the next connection says so", () =>
  unharmed(world(), {
    code: "link/silent",
    async attack() {
      const { evil, clock } = world();
      // The head of a frame of 65,535 bytes; what else the hub has to say waits behind it.
      evil.write(Buffer.of(0x82, 126, 0xff, 0xff));
      evil.hooks = { down: () => [] };
      const { dials } = evil;
      while (evil.dials === dials) {
        evil.write(Buffer.of(0));
        clock.advance(20_000);
        await delay(50);
      }
      evil.hooks = {};
    },
  }));
