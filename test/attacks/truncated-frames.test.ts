import { expect, test } from "vitest";
import { offerOf } from "./evil-hub.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";
import { until } from "./until-kit.ts";

const world = worldHere();

test("half a message, rubbish and a message cut off in the middle of its frame change nothing", () =>
  unharmed(world(), {
    code: "link/bad-frame",
    async attack() {
      const { evil, forged } = world();
      const offer = offerOf(forged());
      const bad = [
        offer.subarray(0, offer.length / 2),
        offer.subarray(1),
        Buffer.of(),
        Buffer.from([0, 0xff, 0xff, 0xff]),
      ];
      // The agent hangs up on each, and dials again.
      for (const frame of bad) await evil.severed(() => evil.send(frame));
      // A frame of 65,535 bytes by its head, of ten in truth.
      evil.write(Buffer.concat([Buffer.of(0x82, 126, 0xff, 0xff), offer.subarray(0, 10)]));
      await evil.severed(evil.cut);
    },
  }));

test("reports that are cut on the way end a connection at the hub, and nothing else", () =>
  unharmed(world(), {
    async attack() {
      const { evil } = world();
      const { dials } = evil;
      evil.hooks = { up: (_message, frame) => [frame.subarray(0, frame.length - 1)] };
      evil.cut();
      await until("the hub hangs up, twice", async () => evil.dials > dials + 2);
    },
  }));

test("frames that come three times do the same as once, in both directions", () =>
  unharmed(world(), {
    async attack() {
      const { evil, shown, status } = world();
      evil.hooks = {
        down: (_message, frame) => [frame, frame, frame],
        up: (_message, frame) => [frame, frame, frame],
      };
      await evil.severed(evil.cut);
      const told = (await shown())?.at ?? 0;
      await until("the hub hears the agent", async () => ((await shown())?.at ?? 0) > told);
      expect((await status()).conditions).toMatchObject([{ code: "link/bad-frame" }]);
    },
  }));
