import { showBytes } from "@millwright/schema";
import type { Fit } from "./memory.ts";

const meanings = [
  ["weights", "weights"],
  ["cache", "keys and values, context × parallel"],
  ["compute", "compute buffer"],
  ["overhead", "process"],
  ["margin", "margin, 5 %"],
  ["total", "total"],
] as const satisfies readonly (readonly [keyof Fit, string])[];

/** The budget, a line a part, for people. */
export function fitTable(fit: Fit): string {
  const rows = meanings.map(([part, meaning]) => [showBytes(fit[part]), meaning] as const);
  const width = Math.max(...rows.map(([bytes]) => bytes.length));
  return rows.map(([bytes, meaning]) => `${bytes.padStart(width)}  ${meaning}`).join("\n");
}
