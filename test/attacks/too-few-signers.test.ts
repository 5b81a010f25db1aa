import { test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/bad-signature";

test("one of the two who must sign is not enough", () =>
  unharmed(world(), {
    code,
    attack() {
      const { evil, forged, fleet } = world();
      evil.offer(forged({ people: [fleet.keyring.people[0]] }));
    },
  }));

test("one who signs twice is one", () =>
  unharmed(world(), {
    code,
    attack() {
      const { evil, forged, fleet } = world();
      const [ada] = fleet.keyring.people;
      evil.offer(forged({ people: [ada, ada] }));
    },
  }));
