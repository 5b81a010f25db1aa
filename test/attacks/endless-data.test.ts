import { delivered } from "@millwright/schema";
import { expect, test } from "vitest";
import { rootBytes, rootSpec } from "../agent/trust-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/too-large";

test("no file is larger than any honest one, and a chain of roots has an end", () =>
  unharmed(world(), {
    code,
    async attack() {
      const { evil, forged, fleet, revision } = world();
      const padded = [
        [delivered.timestamp, 20_000],
        [delivered.targets(revision() + 1), 1_100_000],
        [delivered.revision, 70_000],
        [delivered.plan, 2_100_000],
      ] as const;
      for (const [name, bytes] of padded) {
        const large = Buffer.alloc(bytes, " ");
        expect(await evil.refusal(new Map(forged()).set(name, large))).toBe(code);
      }
      const spec = rootSpec(fleet.keyring, 1);
      const versions = Array.from({ length: 257 }, (_, index) => index + 2);
      const roots = new Map(
        versions.map((version) => [version, rootBytes({ ...spec, version })] as const),
      );
      expect(await evil.refusal(forged({ roots }))).toBe(code);
    },
  }));
