import { encodeServerFrame } from "@millwright/schema/opamp";
import { expect, test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";
import { until } from "./until-kit.ts";

const world = worldHere();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

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

test("a hub that asks to be left alone for thirty years is asked again within minutes", () =>
  unharmed(world(), {
    async attack() {
      const { evil, clock, log } = world();
      const answer = "HTTP/1.1 503 Busy\r\nRetry-After: 999999999\r\nContent-Length: 0\r\n\r\n";
      evil.hooks = {
        upgrade(socket) {
          socket.end(answer);
          return true;
        },
      };
      evil.cut();
      await until("the agent was asked to wait", async () =>
        log.some((line) => line.includes("HTTP 503")),
      );
      const { dials } = evil;
      evil.hooks = {};
      clock.advance(11 * MINUTE);
      await until("the agent dials again", async () => evil.dials > dials);
    },
  }));
