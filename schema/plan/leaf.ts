import Type, { type Static } from "typebox";
import { type Digest, type HostName, hexOf } from "../value/value.ts";
import { canonicalBytes } from "./canonical.ts";
import { inclusionProof, type MerkleTree, rootOf, treeOf, verifyInclusion } from "./merkle.ts";

/** A proof that one host's plan is part of a revision. `path` is hex, from the bottom up. */
export const Inclusion = Type.Object(
  {
    index: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    size: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    path: Type.Array(Type.String({ pattern: "^[0-9a-f]{64}$" }), { maxItems: 64 }),
  },
  { additionalProperties: false },
);
export type Inclusion = Static<typeof Inclusion>;

/** The canonical JSON of `{ host, plan }`: what stands for one host in the tree. */
export function leafOf(host: HostName, plan: Digest): Buffer {
  return canonicalBytes({ host, plan });
}

/** All plans of one revision, as a tree whose leaves are sorted by host. */
export interface PlanTree {
  /** 64 hex digits: what `Revision.subject` names. */
  readonly root: string;
  readonly hosts: readonly HostName[];
  readonly tree: MerkleTree;
}

export function planTreeOf(plans: ReadonlyMap<HostName, Digest>): PlanTree {
  const hosts = [...plans.keys()].sort();
  const tree = treeOf(hosts.map((host) => leafOf(host, plans.get(host) as Digest)));
  return { root: rootOf(tree).toString("hex"), hosts, tree };
}

/** The proof for one host; `undefined` when the revision has no plan for it. */
export function inclusionOf({ hosts, tree }: PlanTree, host: HostName): Inclusion | undefined {
  const index = positionOf(hosts, host);
  if (index === undefined) return undefined;
  return {
    index,
    size: hosts.length,
    path: inclusionProof(tree, index).map((hash) => hash.toString("hex")),
  };
}

/** Hosts are sorted: a push to all of them must not take the square of their number. */
function positionOf(hosts: readonly HostName[], host: HostName): number | undefined {
  let low = 0;
  let high = hosts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = hosts[middle] as HostName;
    if (found === host) return middle;
    if (found < host) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

export function isIncluded(host: HostName, plan: Digest, proof: Inclusion, root: Digest): boolean {
  const path = proof.path.map((hash) => Buffer.from(hash, "hex"));
  return verifyInclusion(
    leafOf(host, plan),
    proof.index,
    proof.size,
    path,
    Buffer.from(hexOf(root), "hex"),
  );
}
