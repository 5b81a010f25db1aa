/** Decoders of what comes from the network, given what no honest side sends. */
import {
  decodeAgentBody,
  decodeAgentFrame,
  decodeServerFrame,
  encodeAgentFrame,
  encodeReconnect,
  encodeServerFrame,
  MAX_FRAME,
  MAX_WINDOW_MS,
  parseReconnect,
  windowOf,
} from "@millwright/schema/opamp";
import fc from "fast-check";
import { expect, test } from "vitest";

const whole = encodeAgentFrame({
  instanceUid: new Uint8Array(16).fill(3),
  sequenceNum: 7n,
  agentDescription: {
    identifyingAttributes: [
      { key: "host.name", value: { value: { case: "stringValue", value: "fra-1" } } },
    ],
  },
  health: { healthy: true, componentHealthMap: { chat: { status: "ready" } } },
  customMessage: { capability: "a/v1", type: "b", data: Uint8Array.of(1, 2, 3) },
});

test("whatever bytes come, decoders give a message or nothing, and never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const frame = Uint8Array.of(0, ...bytes);
      for (const decode of [decodeAgentFrame, decodeServerFrame]) {
        expect(["object", "undefined"]).toContain(typeof decode(frame));
        if (bytes[0] !== 0) expect(decode(bytes)).toBeUndefined();
      }
      expect(decodeAgentBody(bytes)).toEqual(decodeAgentFrame(frame));
      const window = parseReconnect(bytes);
      expect(window ?? 0).toBeLessThanOrEqual(MAX_WINDOW_MS);
    }),
  );
});

test("a frame with one byte changed, or cut anywhere, is another message or none, and does not throw", () => {
  const place = fc.integer({ min: 0, max: whole.length - 1 });
  fc.assert(
    fc.property(place, fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const changed = Uint8Array.from(whole);
      changed[at] = byte;
      expect(["object", "undefined"]).toContain(typeof decodeAgentFrame(changed));
      expect(["object", "undefined"]).toContain(typeof decodeAgentFrame(whole.subarray(0, at)));
    }),
  );
});

test("fields that this version does not know are skipped", () => {
  const unknown = Uint8Array.of(0xfa, 0x3e, 2, 9, 9);
  const message = decodeAgentFrame(Buffer.concat([whole, unknown]));
  expect(message?.sequenceNum).toBe(7n);
});

test("what is nested thousands deep is no message, and costs no stack", () => {
  let health: Uint8Array = new Uint8Array();
  for (let depth = 0; depth < 10_000; depth += 1) {
    const entry = Buffer.concat([Buffer.of(0x12), varint(health.length), health]);
    health = Buffer.concat([Buffer.of(0x32), varint(entry.length), entry]);
    if (health.length > MAX_FRAME / 100) break;
  }
  const frame = Buffer.concat([Buffer.of(0, 0x2a), varint(health.length), health]);
  expect(decodeAgentFrame(frame)).toBeUndefined();
});

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...bytes, rest]);
}

test("a frame of more than four megabytes is not looked at", () => {
  const data = new Uint8Array(MAX_FRAME);
  const frame = encodeServerFrame({ customMessage: { capability: "a", type: "b", data } });
  expect(decodeServerFrame(frame)).toBeUndefined();
  expect(decodeAgentBody(data)).toBeUndefined();
});

test("a window is what the fleet needs: 2.5 ms a host, between five seconds and ten minutes", () => {
  expect([1, 2_000, 10_000, 1e9].map(windowOf)).toEqual([5_000, 5_000, 25_000, 600_000]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e11 }), (windowMs) => {
      expect(parseReconnect(encodeReconnect(windowMs))).toBe(Math.min(windowMs, MAX_WINDOW_MS));
    }),
  );
  const wrong = ["", "{}", '{"windowMs":-1}', '{"windowMs":1e9}', '{"windowMs":"5"}', "[5]"];
  for (const text of wrong) expect(parseReconnect(Buffer.from(text))).toBeUndefined();
});
