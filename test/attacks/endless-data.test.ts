import { delivered } from "@millwright/schema";
import { test } from "vitest";
import { rootBytes, rootSpec } from "../agent/trust-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/too-large";

test("a plan that is larger than any honest one is not read", () =>
  unharmed(world(), {
    code,
    attack() {
      const { evil, forged } = world();
      evil.offer(new Map(forged()).set(delivered.plan, Buffer.alloc(3_000_000, " ")));
    },
  }));

test("a chain of roots must end", () =>
  unharmed(world(), {
    code,
    attack() {
      const { evil, forged, fleet } = world();
      const spec = rootSpec(fleet.keyring, 1);
      const versions = Array.from({ length: 257 }, (_, index) => index + 2);
      const roots = new Map(
        versions.map((version) => [version, rootBytes({ ...spec, version })] as const),
      );
      evil.offer(forged({ roots }));
    },
  }));
