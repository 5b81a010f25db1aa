import { test } from "vitest";
import { signer } from "../agent/trust-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/bad-signature";

test("two people who are not admitted sign nothing", () =>
  unharmed(world(), {
    code,
    attack: () => world().evil.offer(world().forged({ people: [signer(), signer()] })),
  }));

test("the keys of root and hub do not sign releases", () =>
  unharmed(world(), {
    code,
    attack() {
      const { evil, forged, fleet } = world();
      evil.offer(forged({ people: [fleet.keyring.root, fleet.keyring.online] }));
    },
  }));

test("who may sign releases may not say what is the newest", () =>
  unharmed(world(), {
    code,
    attack() {
      const { evil, forged, fleet } = world();
      evil.offer(forged({ online: fleet.keyring.people[0] }));
    },
  }));
