import { createPublicKey, type KeyObject } from "node:crypto";

declare const publicKey: unique symbol;
/**
 * An Ed25519 public key (RFC 8032), written `ed25519:` and 43 characters of base64url: the one spelling of a point whose
 * order is not small.
 */
export type PublicKey = string & { readonly [publicKey]: true };

export const PUBLIC_KEY_PATTERN = "^ed25519:[A-Za-z0-9_-]{43}$";
const pattern = new RegExp(PUBLIC_KEY_PATTERN);

/** `undefined` for what is no key, or one that must not be admitted: see `isWeakKey`. */
export function parsePublicKey(text: string): PublicKey | undefined {
  return pattern.test(text) && !isWeakKey(text) ? (text as PublicKey) : undefined;
}

/** 2^255 - 19, the prime of the curve's field. */
const PRIME = Buffer.from(`7f${"ff".repeat(30)}ed`, "hex");
/** The y coordinates of the eight points whose order is small (RFC 7748, section 7), least byte first. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  "0".repeat(64),
  `01${"0".repeat(62)}`,
  `ec${"ff".repeat(30)}7f`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

/**
 * A key in the right form that nobody should be admitted with. Of small order: one signature verifies for many messages,
 * or for all. Not canonical (y is not below the prime, or base64 spelt differently): one point under two names would
 * count as two signers.
 */
export function isWeakKey(key: string): boolean {
  const text = key.slice("ed25519:".length);
  const y = Buffer.from(text, "base64url");
  const last = y[31];
  if (y.length !== 32 || last === undefined || y.toString("base64url") !== text) return true;
  // The highest bit is the sign of x.
  y[31] = last & 0x7f;
  return SMALL_ORDER.has(y.toString("hex")) || y.reverse().compare(PRIME) >= 0;
}

/** Throws when the key object is not Ed25519: the caller made it. */
export function publicKeyOf(key: KeyObject): PublicKey {
  const half = key.type === "private" ? createPublicKey(key) : key;
  const { crv, x } = half.export({ format: "jwk" });
  if (crv !== "Ed25519" || x === undefined) throw new Error("impossible: not an Ed25519 key");
  return `ed25519:${x}` as PublicKey;
}

export function keyObjectOf(key: PublicKey): KeyObject {
  const x = key.slice("ed25519:".length);
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}
