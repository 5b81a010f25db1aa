/**
 * Words with a meaning: digests, names, keys, amounts.
 *
 * In: text from outside. Out: branded values, made only here (`parseX` may fail, `xOf` computes).
 * Promise: pure, no I/O; a value of a branded type has been checked.
 */
export { BYTES_PATTERN, parseBytes, showBytes } from "./bytes.ts";
export {
  DIGEST_PATTERN,
  type Digest,
  digestOf,
  digestOfHex,
  hexOf,
  isDigest,
  parseDigest,
} from "./digest.ts";
export { DURATION_PATTERN, parseDuration } from "./duration.ts";
export { type Json, parseJson } from "./json.ts";
export { isLoopback } from "./loopback.ts";
export { type HostName, isName, NAME_PATTERN, parseHostName } from "./name.ts";
export {
  isWeakKey,
  keyObjectOf,
  PUBLIC_KEY_PATTERN,
  type PublicKey,
  parsePublicKey,
  publicKeyOf,
} from "./public-key.ts";
export { isVersion, VERSION_PATTERN } from "./version.ts";
export { visible, visibleLines } from "./visible.ts";
