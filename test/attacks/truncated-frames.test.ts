import { test } from "vitest";
import { offerOf } from "./evil-hub.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();

test("half a message, text, rubbish and a message cut off in the middle of its frame change nothing", () =>
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
      for (const frame of bad) {
        evil.send(frame);
        // The agent hangs up on each, and dials again.
        await evil.report();
      }
      // A frame of 65,535 bytes by its head, of ten in truth.
      evil.write(Buffer.concat([Buffer.of(0x82, 126, 0xff, 0xff), offer.subarray(0, 10)]));
      evil.cut();
      await evil.report();
    },
  }));
