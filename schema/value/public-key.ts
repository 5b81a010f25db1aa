import { createPublicKey, type KeyObject } from "node:crypto";

declare const publicKey: unique symbol;
/** An Ed25519 public key (RFC 8032), written `ed25519:` and 43 characters of base64url. */
export type PublicKey = string & { readonly [publicKey]: true };

export const PUBLIC_KEY_PATTERN = "^ed25519:[A-Za-z0-9_-]{43}$";
const pattern = new RegExp(PUBLIC_KEY_PATTERN);

export function parsePublicKey(text: string): PublicKey | undefined {
  return pattern.test(text) ? (text as PublicKey) : undefined;
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
