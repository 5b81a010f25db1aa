import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Drafts } from "../draft.ts";

/** What hosts have in common is said once. */
export function oneFleet({ fleets, whole }: Drafts): readonly Diagnostic[] {
  const [first, ...others] = fleets;
  if (first === undefined) {
    if (!whole) return [];
    return [
      {
        code: "check/no-fleet",
        severity: "error",
        message: "there is no fleet definition",
        at: undefined,
        cure: 'write one: fleet({ name: "acme", hubs: ["wss://hub.acme.example"] })',
      },
    ];
  }
  return others.map(
    (other): Diagnostic => ({
      code: "check/two-fleets",
      severity: "error",
      message: other.name === undefined ? "a second fleet" : `a second fleet, ${other.name}`,
      at: other.at,
      cure: "keep one of them",
      also: [{ message: "the first", at: first.at }],
    }),
  );
}
