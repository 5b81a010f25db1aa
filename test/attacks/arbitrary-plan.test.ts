import { canonicalBytes, delivered } from "@millwright/schema";
import { expect, test } from "vitest";
import { deliveryOf, fleetOf, rootBytes, rootSpec } from "../agent/trust-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
/** What a thief wants: other models, and another hub. */
const theirs = { hubs: ["ws://127.0.0.1:1"], deployments: {}, factories: {} };

test("a fleet that the hub made up, whole and with a root of its own, is nobody's", () =>
  unharmed(world(), {
    code: "trust/bad-signature",
    async attack() {
      const { evil, clock, plans, revision } = world();
      const thieves = fleetOf();
      const files = deliveryOf(thieves, {
        ...{ number: revision() + 1, plans: plans(theirs), now: clock.now() },
        roots: new Map([[2, rootBytes(rootSpec(thieves, 2))]]),
      });
      expect(await evil.refusal(files)).toBe("trust/bad-signature");
    },
  }));

test("a plan that the hub wrote is not obeyed because signed files lie around it", () =>
  unharmed(world(), {
    code: "trust/not-in-tree",
    async attack() {
      const { evil, forged, plans } = world();
      const files = new Map(forged()).set(delivered.plan, canonicalBytes(plans(theirs)[0]));
      expect(await evil.refusal(files)).toBe("trust/not-in-tree");
    },
  }));
