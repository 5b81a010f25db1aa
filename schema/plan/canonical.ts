import canonicalize from "canonicalize";
import { type Digest, digestOf } from "../value/value.ts";

/**
 * The one text of a value: RFC 8785 (JSON Canonicalization Scheme), in UTF-8.
 * Throws when the value is not JSON (a function, `undefined`, NaN): we made it, so that is our error.
 */
export function canonicalBytes(value: unknown): Buffer {
  const text = canonicalize(value);
  if (text === undefined) throw new Error("impossible: a value that JSON cannot say");
  return Buffer.from(text, "utf8");
}

export function canonicalDigest(value: unknown): Digest {
  return digestOf(canonicalBytes(value));
}
