import { encodeServerFrame } from "@millwright/schema/opamp";
import { expect, test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "trust/incomplete";

test("a configuration that is none, is empty, or is of files that are not ours stops nothing", () =>
  unharmed(world(), {
    code,
    async attack() {
      const { evil } = world();
      const verdict = evil.verdict(Buffer.of());
      evil.send(encodeServerFrame({ remoteConfig: {} }));
      expect(await verdict).toBe(code);
      const theirs = new Map([
        ["", Buffer.from("receivers: {}")],
        ["../../identity/key.pem", Buffer.from("x")],
        ["collector.yaml", Buffer.from("exporters: {}")],
      ]);
      for (const files of [new Map<string, Buffer>(), theirs])
        expect(await evil.refusal(files)).toBe(code);
    },
  }));
