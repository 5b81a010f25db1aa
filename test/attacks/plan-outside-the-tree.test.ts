import { canonicalBytes, delivered } from "@millwright/schema";
import { test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/not-in-tree";

test("a plan that is not in the revision has no proof, and that of another does not do", () =>
  unharmed(world(), {
    code,
    attack() {
      const { evil, forged, plans } = world();
      const outside = canonicalBytes(plans({ region: "elsewhere" })[0]);
      const proofOfOther = forged({ to: plans()[1].host }).get(delivered.inclusion) ?? outside;
      const files = new Map(forged()).set(delivered.plan, outside);
      evil.offer(files.set(delivered.inclusion, proofOfOther));
    },
  }));

test("the plan of one revision is not proved by the tree of another", () =>
  unharmed(world(), {
    code,
    attack() {
      const { evil, forged, plans } = world();
      const another = forged({ plans: plans({ region: "elsewhere" }) });
      const files = new Map(forged());
      for (const name of [delivered.plan, delivered.inclusion])
        files.set(name, another.get(name) ?? Buffer.of());
      evil.offer(files);
    },
  }));
