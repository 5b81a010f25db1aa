import { deflateRawSync, inflateRawSync } from "node:zlib";

/**
 * A value that was checked, in a tenth of the memory: of what ten thousand hosts say of themselves people look at little,
 * and the hub at less. Equal values, equal bytes, as far as their fields stand in the same order.
 */
export function pack(value: unknown): Buffer {
  const packed = deflateRawSync(JSON.stringify(value), { level: 1, memLevel: 5, windowBits: 12 });
  // zlib's own buffer is 16 KiB, and would live as long as the few bytes in it.
  return Buffer.from(packed);
}

export function unpack(packed: Buffer): unknown {
  return JSON.parse(inflateRawSync(packed).toString("utf8"));
}
