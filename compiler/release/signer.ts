import { type KeyObject, sign as signBytes } from "node:crypto";
import { type PublicKey, publicKeyOf } from "@millwright/schema";

/** Whoever can sign as one key: a file that was opened, or an agent that never gives its key away. */
export interface Signer {
  readonly publicKey: PublicKey;
  /** The 64 bytes of an Ed25519 signature (RFC 8032) over `bytes`. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export function keySigner(key: KeyObject): Signer {
  return { publicKey: publicKeyOf(key), sign: async (bytes) => signBytes(null, bytes, key) };
}
