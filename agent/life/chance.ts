import { randomBytes } from "node:crypto";

/** The only way to chance. Tests bring a seeded one. */
export interface Chance {
  /** At least 0, less than 1. */
  fraction(): number;
  bytes(count: number): Uint8Array;
}

export const systemChance: Chance = {
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  bytes: (count) => randomBytes(count),
};

/** A UUIDv7 (RFC 9562, section 5.7), 16 bytes: 48 bits of time, 74 of chance. */
export function uuid7Bytes(now: number, chance: Chance): Uint8Array {
  const bytes = Uint8Array.from(chance.bytes(16));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(now / 2 ** 32));
  view.setUint32(2, now % 2 ** 32);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}

export function uuid7(now: number, chance: Chance): string {
  const hex = Buffer.from(uuid7Bytes(now, chance)).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
