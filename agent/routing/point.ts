import { digestOf } from "@millwright/schema";

const DIGITS = 12;

/** Where a subject stands among all: from 0 to below 1, evenly, and the same on every host. */
export function pointOf(salt: string, subject: string): number {
  const digest = digestOf(Buffer.from(`${salt}\n${subject}`));
  return (
    Number.parseInt(digest.slice("sha256:".length, "sha256:".length + DIGITS), 16) / 16 ** DIGITS
  );
}

/** The side on which a point falls: each has as much room as its weight. */
export function sideAt<S extends { readonly weight: number }>(
  sides: readonly S[],
  point: number,
): S | undefined {
  const all = sides.reduce((sum, { weight }) => sum + weight, 0);
  let passed = 0;
  return sides.find(({ weight }) => {
    passed += weight;
    return point * all < passed;
  });
}
