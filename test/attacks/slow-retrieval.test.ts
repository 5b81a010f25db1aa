import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "vitest";
import { adapterHook, changes, subject } from "./blob-kit.ts";
import { withAdapter } from "./models-kit.ts";
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

test("a model that drips is reported, and comes when the hub stops that", () =>
  unharmed(world(), {
    ...{ code: "store/too-slow", subject, changes, next: withAdapter },
    async attack() {
      const { evil, clock, release } = world();
      const drip = async (response: ServerResponse) => {
        while (!response.destroyed && evil.hooks === hooks) {
          response.write("x");
          await delay(40);
          clock.advance(8_000);
        }
        response.destroy();
      };
      const hooks = adapterHook((response) => {
        drip(response).catch((error: unknown) => response.destroy(error as Error));
      });
      evil.hooks = hooks;
      await release(withAdapter);
    },
  }));
