import { expect, test } from "vitest";
import { signer } from "../agent/trust-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/bad-signature";

test("one of two who must sign is not enough: alone, twice, or beside a stranger", () =>
  unharmed(world(), {
    code,
    async attack() {
      const { evil, forged, fleet } = world();
      const [ada] = fleet.keyring.people;
      for (const people of [[], [ada], [ada, ada], [ada, signer()]])
        expect(await evil.refusal(forged({ people }))).toBe(code);
    },
  }));
