import { decodeSample, encodeSample } from "@millwright/schema";
import {
  decodeAgentFrame,
  decodeServerFrame,
  encodeAgentFrame,
  encodeServerFrame,
  MAX_FRAME,
} from "@millwright/schema/opamp";
import fc from "fast-check";
import { expect, test } from "vitest";

test("a frame is a zero byte and the message, with OpAMP's field numbers", () => {
  const frame = encodeAgentFrame({ sequenceNum: 5n, instanceUid: Uint8Array.of(1, 2) });
  // Field 1, length-delimited, two bytes; field 2, varint 5.
  expect([...frame]).toEqual([0, 0x0a, 2, 1, 2, 0x10, 5]);
  expect(decodeAgentFrame(frame)?.sequenceNum).toBe(5n);
});

test("remote configuration keeps its files byte for byte", () => {
  const body = Uint8Array.of(0, 255, 1);
  const frame = encodeServerFrame({
    remoteConfig: {
      config: { configMap: { "plan.json": { body } } },
      configHash: Uint8Array.of(9),
    },
  });
  expect(decodeServerFrame(frame)?.remoteConfig?.config?.configMap["plan.json"]?.body).toEqual(
    body,
  );
});

test("rubbish is no frame, whatever it is", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      decodeAgentFrame(bytes);
      decodeServerFrame(bytes);
    }),
  );
  expect(decodeAgentFrame(new Uint8Array())).toBeUndefined();
  expect(decodeAgentFrame(Uint8Array.of(1, 0x10, 5))).toBeUndefined();
  expect(decodeAgentFrame(Uint8Array.of(0, 0x0a, 200, 1))).toBeUndefined();
  expect(decodeAgentFrame(new Uint8Array(MAX_FRAME + 1))).toBeUndefined();
});

test("a sample takes eight bytes and four a value, and keeps what is unknown unknown", () => {
  const sample = { at: 1_790_000_000_123, values: Float32Array.of(0.5, Number.NaN, -1) };
  const bytes = encodeSample(sample);
  expect(bytes.length).toBe(20);
  expect(decodeSample(bytes, 3)).toEqual(sample);
  expect(decodeSample(bytes, 2)).toBeUndefined();
  expect(decodeSample(bytes.subarray(1), 3)).toBeUndefined();
});
