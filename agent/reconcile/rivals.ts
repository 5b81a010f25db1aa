import type { Wanted } from "./wanted.ts";

interface Placed {
  readonly deployment: string;
  readonly replica: number;
  readonly adapterName?: string;
}

export function isSamePlace(a: Placed, b: Placed): boolean {
  return (
    a.deployment === b.deployment && a.replica === b.replica && a.adapterName === b.adapterName
  );
}

/** Contexts over other weights keep these in memory; over the same ones, only the predecessor is of no use beside. */
export function isRival(
  other: Placed & Pick<Wanted, "weights">,
  item: Placed & Pick<Wanted, "weights">,
): boolean {
  return (
    isSamePlace(other, item) ||
    (other.deployment === item.deployment &&
      other.replica === item.replica &&
      other.weights !== item.weights)
  );
}
