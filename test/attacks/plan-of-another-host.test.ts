import { test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();

test("the plan of another host, signed and proved, starts nothing on this one", () =>
  unharmed(world(), {
    code: "trust/other-host",
    attack: () => world().evil.offer(world().forged({ to: world().plans()[1].host })),
  }));
