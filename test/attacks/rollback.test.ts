import { expect, test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/rolled-back";

test("an older timestamp, snapshot, targets, or a whole delivery that was honest in its day, is refused", async () => {
  const { evil, forged, release, revision } = world();
  const [first] = evil.seen;
  if (first === undefined) throw new Error("the hub has delivered nothing");
  await release();
  await world().arrived();
  await unharmed(world(), {
    code,
    async attack() {
      const old = revision() - 1;
      const deliveries = [
        forged({ timestampVersion: 1 }),
        forged({ snapshotVersion: old }),
        forged({ number: old, snapshotVersion: revision() + 1 }),
        first,
      ];
      for (const files of deliveries) expect(await evil.refusal(files)).toBe(code);
    },
  });
});
