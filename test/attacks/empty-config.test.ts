import { encodeServerFrame } from "@millwright/schema/opamp";
import { test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/incomplete";

test("a configuration without a file stops nothing", () =>
  unharmed(world(), { code, attack: () => world().evil.offer(new Map()) }));

test("a configuration that is none stops nothing", () =>
  unharmed(world(), {
    code,
    attack: () => world().evil.send(encodeServerFrame({ remoteConfig: {} })),
  }));

test("a configuration of files that are not ours stops nothing", () =>
  unharmed(world(), {
    code,
    attack: () =>
      world().evil.offer(
        new Map([
          ["", Buffer.from("receivers: {}")],
          ["../../identity/key.pem", Buffer.from("x")],
          ["collector.yaml", Buffer.from("exporters: {}")],
        ]),
      ),
  }));
