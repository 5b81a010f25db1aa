import { MAX_FRAME } from "@millwright/schema/opamp";
import { test } from "vitest";
import { unharmed, worldHere } from "./unharmed-kit.ts";

const world = worldHere();
const code = "link/oversized-frame";

test("frames that are too large, say that they are, or never end are not taken in", () =>
  unharmed(world(), {
    code,
    async attack() {
      const { evil } = world();
      await evil.severed(() => evil.send(Buffer.alloc(MAX_FRAME + 1)));
      await evil.severed(() => evil.write(headOf(0x82, 2n ** 40n)));
      // One message in parts without an end (RFC 6455, section 5.4): opcode 2, then opcode 0, never FIN.
      const part = Buffer.alloc(2 ** 18);
      await evil.severed(() => {
        for (let count = 0; count <= MAX_FRAME / part.length; count += 1)
          evil.write(Buffer.concat([headOf(count === 0 ? 0x02 : 0x00, BigInt(part.length)), part]));
      });
    },
  }));

/** The head of a WebSocket frame (RFC 6455, section 5.2) that gives its length in 64 bits. */
function headOf(first: number, length: bigint): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeUInt8(first, 0);
  bytes.writeUInt8(127, 1);
  bytes.writeBigUInt64BE(length, 2);
  return bytes;
}
