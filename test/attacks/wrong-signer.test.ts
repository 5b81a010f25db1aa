import { expect, test } from "vitest";
import { signer } from "../agent/trust-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/bad-signature";

test("people who are not admitted sign nothing, and nobody signs in the role of another", () =>
  unharmed(world(), {
    code,
    async attack() {
      const { evil, forged, fleet } = world();
      const { root, online, people } = fleet.keyring;
      const wishes = [
        { people: [signer(), signer()] },
        { people: [root, online] },
        { online: people[0] },
        { online: signer() },
      ];
      for (const wish of wishes) expect(await evil.refusal(forged(wish))).toBe(code);
    },
  }));
