import { canonicalBytes, type Delivery, delivered } from "@millwright/schema";
import { expect, test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/not-in-tree";

test("a plan that is not in the revision is not proved by a neighbour, nor by the tree of another revision", () =>
  unharmed(world(), {
    code,
    async attack() {
      const { evil, forged, plans } = world();
      const outside = plans({ region: "elsewhere" });
      const neighbour = forged({ to: plans()[1].host });
      const alone = withFiles(neighbour, { [delivered.plan]: canonicalBytes(outside[0]) });
      expect(await evil.refusal(alone)).toBe(code);
      const another = forged({ plans: outside });
      const { plan, inclusion } = delivered;
      const moved = withFiles(forged(), {
        [plan]: another.get(plan),
        [inclusion]: another.get(inclusion),
      });
      expect(await evil.refusal(moved)).toBe(code);
    },
  }));

function withFiles(
  files: Delivery,
  others: Readonly<Record<string, Uint8Array | undefined>>,
): Delivery {
  const made = new Map(files);
  for (const [name, bytes] of Object.entries(others)) made.set(name, bytes ?? Buffer.of());
  return made;
}
