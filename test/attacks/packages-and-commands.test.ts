import { test } from "vitest";
import { frameOf } from "./protobuf-kit.ts";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "link/refused-offer";
/** Field numbers of opamp.proto, v0.14. */
const PACKAGES = 5;
const COMMAND = 9;

test("a package that the hub offers is not fetched", () =>
  unharmed(world(), {
    ...{ code, subject: "packages" },
    attack: () =>
      world().evil.send(
        frameOf({
          [PACKAGES]: {
            1: { 1: "agent", 2: { 2: "9.9.9", 3: { 1: "http://127.0.0.1:1/agent.tar" } } },
            2: "hash of all",
          },
        }),
      ),
  }));

test("a command of the hub is not obeyed", () =>
  unharmed(world(), {
    ...{ code, subject: "a command" },
    // Restart: the default, so that an empty message asks for it.
    attack: () => world().evil.send(frameOf({ [COMMAND]: {} })),
  }));
