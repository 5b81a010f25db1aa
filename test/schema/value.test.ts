import { createHash, generateKeyPairSync } from "node:crypto";
import {
  canonicalBytes,
  isName,
  parseBytes,
  parseDigest,
  parseDuration,
  parsePublicKey,
  publicKeyOf,
  showBytes,
} from "@millwright/schema";
import { Point } from "@noble/ed25519";
import { expect, test } from "vitest";

test("amounts of memory are read in binary and decimal units", () => {
  expect(["141GiB", "500MB", "1.5 KiB", "0B", 12].map(parseBytes)).toEqual([
    151_397_597_184, 500_000_000, 1536, 0, 12,
  ]);
  expect(["141", "GiB", "-1GiB", "1 gib", "1e3MB", -1, 0.5, 2 ** 60].map(parseBytes)).toEqual(
    Array(8).fill(undefined),
  );
});

test("durations are read in milliseconds", () => {
  expect(["250ms", "30s", "15m", "24h", "90d"].map(parseDuration)).toEqual([
    250, 30_000, 900_000, 86_400_000, 7_776_000_000,
  ]);
  expect(["", "1", "1w", "-1s", "1.5s"].map(parseDuration)).toEqual(Array(5).fill(undefined));
});

test("bytes are shown with at most three digits before the unit", () => {
  expect([0, 1023, 1024, 3_363_648, 151_397_597_184].map(showBytes)).toEqual([
    "0 B",
    "1023 B",
    "1.0 KiB",
    "3.2 MiB",
    "141 GiB",
  ]);
});

test("names are DNS labels, so that they are safe in paths, URLs and metrics", () => {
  expect(["a", "fra-1", "0".repeat(63)].every(isName)).toBe(true);
  expect(["", "-a", "a-", "A", "a.b", "a/b", "..", "ü", "0".repeat(64)].some(isName)).toBe(false);
});

test("digests and keys have one spelling", () => {
  expect(parseDigest(`sha256:${"0".repeat(64)}`)).toBeDefined();
  expect(parseDigest(`sha256:${"A".repeat(64)}`)).toBeUndefined();
  expect(parsePublicKey(`ed25519:Aw${"A".repeat(41)}`)).toBeDefined();
  expect(parsePublicKey(`ed25519:Aw${"A".repeat(40)}B`)).toBeUndefined();
  expect(parsePublicKey(`ed25519:${"A".repeat(42)}=`)).toBeUndefined();
});

test("no point of small order is a key, in whichever spelling, and no y that is not below the prime", () => {
  const { n, p } = Point.CURVE();
  // Any point times the order of the large subgroup is one of the eight of small order.
  const eight = new Set<string>();
  for (let seed = 0; eight.size < 8 && seed < 1000; seed += 1) {
    const point = pointFrom(seed);
    if (point !== undefined)
      eight.add(
        point
          .multiplyUnsafe(n - 1n)
          .add(point)
          .toHex(),
      );
  }
  expect(eight.size).toBe(8);
  const textOf = (bytes: Uint8Array) => `ed25519:${Buffer.from(bytes).toString("base64url")}`;
  for (const hex of eight) {
    const bytes = Buffer.from(hex, "hex");
    expect(parsePublicKey(textOf(bytes))).toBeUndefined();
    // The other sign of x.
    bytes[31] = (bytes[31] ?? 0) ^ 0x80;
    expect(parsePublicKey(textOf(bytes))).toBeUndefined();
  }
  for (let above = 0n; above < 19n; above += 1n) {
    const bytes = Buffer.from((p + above).toString(16).padStart(64, "0"), "hex").reverse();
    expect(parsePublicKey(textOf(bytes))).toBeUndefined();
  }
  expect(parsePublicKey(textOf(Point.BASE.toBytes()))).toBeDefined();
  const { publicKey } = generateKeyPairSync("ed25519");
  expect(parsePublicKey(publicKeyOf(publicKey))).toBeDefined();
});

function pointFrom(seed: number): Point | undefined {
  const bytes = createHash("sha256").update(String(seed)).digest();
  bytes[31] = (bytes[31] ?? 0) & 0x7f;
  try {
    return Point.fromBytes(bytes);
  } catch {
    // Half of all numbers are no y of a point.
    return undefined;
  }
}

test("canonical JSON is that of RFC 8785", () => {
  // Section 3.2.3 (sorting by UTF-16 code units) and 3.2.2.3 (numbers).
  const value = {
    "\u20ac": "Euro",
    "\r": "CR",
    "1": 1e21,
    a: [1.0, -0, 0.000001],
    "\ud83d\ude02": 1,
  };
  expect(canonicalBytes(value).toString("utf8")).toBe(
    '{"\\r":"CR","1":1e+21,"a":[1,0,0.000001],"€":"Euro","😂":1}',
  );
});
