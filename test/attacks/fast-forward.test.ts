import { type Delivery, delivered } from "@millwright/schema";
import { expect, test } from "vitest";
import { RELEASES } from "../../compiler/release/release.ts";
import { rootBytes, rootSpec, signer, timestampBytes } from "../agent/trust-kit.ts";
import { forge } from "../compiler/release-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";
import type { World } from "./world-kit.ts";

const world = worldHere();
const DAY = 86_400_000;

test("a thief of the online key counts the versions up to the end; exchanging the key brings the host back", () =>
  unharmed(world(), {
    code: "trust/rolled-back",
    // The timestamp is signed by the key that the root admits: that it is remembered is what makes the attack.
    changes: ["trust/trust.json"],
    async attack() {
      const { evil } = world();
      const honest = newest(world());
      expect(await evil.refusal(fastForwarded(honest))).toBe("applied");
      expect(await evil.refusal(honest)).toBe("trust/rolled-back");
    },
    async mend() {
      const { fleet, restartHub } = world();
      const online = signer();
      const root = rootBytes(rootSpec({ ...fleet.keyring, online }, 2));
      forge(fleet.shop, RELEASES, { "metadata/2.root.json": root });
      await restartHub(online.key);
    },
  }));

function newest({ evil }: World): Delivery {
  const honest = evil.seen.at(-1);
  if (honest === undefined) throw new Error("the hub has delivered nothing");
  return honest;
}

/** What people signed, under a timestamp after which there can be no other. */
function fastForwarded(honest: Delivery): Delivery {
  const { fleet, clock, revision } = world();
  const snapshot = honest.get(delivered.snapshot(revision())) ?? Buffer.of();
  const wish = { version: Number.MAX_SAFE_INTEGER, expires: clock.now() + DAY };
  const timestamp = timestampBytes(fleet.keyring.online, snapshot, revision(), wish);
  return new Map(honest).set(delivered.timestamp, timestamp);
}
