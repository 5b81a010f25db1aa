import { Key } from "@tufjs/models";
import { expect, test } from "vitest";
import { rootBytes, rootSpec } from "../agent/trust-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/one-key-twice";

test("whoever holds the root key cannot make one person two by a second id of her key", () =>
  unharmed(world(), {
    code,
    async attack() {
      const { evil, forged, fleet } = world();
      const spec = rootSpec(fleet.keyring, 2);
      const [ada] = fleet.keyring.people;
      const alias = Key.fromJSON("f".repeat(64), ada.tuf.toJSON());
      const targets = { keys: [ada.tuf, alias], threshold: 2 };
      const root = rootBytes({ ...spec, roles: { ...spec.roles, targets } });
      const people = [ada, { ...ada, tuf: alias }];
      expect(await evil.refusal(forged({ roots: new Map([[2, root]]), people }))).toBe(code);
    },
  }));
