/**
 * A Merkle tree over leaves, with inclusion proofs: RFC 9162, sections 2.1.1 and 2.1.3.
 * Hashes are 32-byte buffers. Leaf and node hashes carry different prefixes, so a node can never pass for a leaf.
 */
import { createHash } from "node:crypto";

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

export function leafHash(leaf: Uint8Array): Buffer {
  return createHash("sha256").update(LEAF).update(leaf).digest();
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash("sha256").update(NODE).update(left).update(right).digest();
}

/** The levels of a tree, leaf hashes first, root last. An odd node moves up unchanged, as the RFC's split demands. */
export type MerkleTree = readonly (readonly Buffer[])[];

export function treeOf(leaves: readonly Uint8Array[]): MerkleTree {
  const levels: Buffer[][] = [leaves.map(leafHash)];
  let level = levels[0] ?? [];
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const left = level[index] as Buffer;
      const right = level[index + 1];
      above.push(right === undefined ? left : nodeHash(left, right));
    }
    levels.push(above);
    level = above;
  }
  return levels;
}

/** The root; of no leaves, the hash of nothing (section 2.1.1). */
export function rootOf(tree: MerkleTree): Buffer {
  return tree.at(-1)?.[0] ?? createHash("sha256").digest();
}

/** The path that proves the leaf at `index`, from the bottom up. Throws when there is no such leaf. */
export function inclusionProof(tree: MerkleTree, index: number): Buffer[] {
  if (tree[0]?.[index] === undefined) throw new Error("impossible: no such leaf");
  const path: Buffer[] = [];
  let at = index;
  for (const level of tree.slice(0, -1)) {
    const sibling = level[at ^ 1];
    if (sibling !== undefined) path.push(sibling);
    at >>= 1;
  }
  return path;
}

/** Section 2.1.3.2. False for any path that is not exactly the one for this leaf, index and size. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size)
    return false;
  let position = index;
  let last = size - 1;
  let hash = leafHash(leaf);
  for (const sibling of path) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash);
      while (position % 2 === 0 && position !== 0) {
        position = Math.floor(position / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && hash.equals(root);
}
