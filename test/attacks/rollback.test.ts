import { test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/rolled-back";

test("a timestamp that is older than the last is refused", () =>
  unharmed(world(), {
    code,
    attack: () => world().evil.offer(world().forged({ timestampVersion: 1 })),
  }));

test("a snapshot that is older than the last is refused, under a newer timestamp", () =>
  unharmed(world(), {
    code,
    attack: () => world().evil.offer(world().forged({ snapshotVersion: world().revision() - 1 })),
  }));

test("targets that are older than the last are refused, under a newer snapshot", () =>
  unharmed(world(), {
    code,
    attack() {
      const { evil, forged, revision } = world();
      evil.offer(forged({ number: revision() - 1, snapshotVersion: revision() + 1 }));
    },
  }));

test("the whole delivery of an earlier revision, honest in its day, is refused", () =>
  unharmed(world(), {
    code,
    attack() {
      const [first] = world().evil.seen;
      if (first === undefined) throw new Error("the hub has delivered nothing");
      world().evil.offer(first);
    },
  }));
