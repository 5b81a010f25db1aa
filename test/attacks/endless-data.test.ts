import { delivered } from "@millwright/schema";
import { encodeServerFrame, ServerErrorResponseType } from "@millwright/schema/opamp";
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

test("a hub that complains without end neither fills the log nor keeps the models from their callers", () =>
  unharmed(world(), {
    async attack() {
      const { evil, log, ask } = world();
      const type = ServerErrorResponseType.ServerErrorResponseType_BadRequest;
      const frames = [
        encodeServerFrame({ errorResponse: { type, errorMessage: "x".repeat(10_000) } }),
        encodeServerFrame({ instanceUid: Buffer.alloc(16, 7) }),
      ];
      const lines = log.length;
      for (let count = 0; count < 5_000; count += 1) for (const frame of frames) evil.send(frame);
      await ask();
      // What was asked last is answered when all before it has been read.
      expect(await evil.refusal(new Map())).toBe("trust/incomplete");
      expect(log.length - lines).toBeLessThan(20);
    },
  }));
