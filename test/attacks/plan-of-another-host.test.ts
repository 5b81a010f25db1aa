import { expect, test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/other-host";

test("the plan of another host, signed and proved, starts nothing on this one", () =>
  unharmed(world(), {
    code,
    async attack() {
      const { evil, forged, plans } = world();
      expect(await evil.refusal(forged({ to: plans()[1].host }))).toBe(code);
    },
  }));
