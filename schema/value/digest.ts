import { createHash } from "node:crypto";

declare const digest: unique symbol;
/** The SHA-256 of some bytes, written `sha256:` and 64 lower-case hex digits. */
export type Digest = string & { readonly [digest]: true };

export const DIGEST_PATTERN = "^sha256:[0-9a-f]{64}$";
const pattern = new RegExp(DIGEST_PATTERN);

export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && pattern.test(text);
}

export function parseDigest(text: string): Digest | undefined {
  return isDigest(text) ? text : undefined;
}

export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
}

/** The 64 hex digits alone, as TUF metadata, in-toto subjects and file names want them. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}

export function digestOfHex(hex: string): Digest | undefined {
  return parseDigest(`sha256:${hex}`);
}
