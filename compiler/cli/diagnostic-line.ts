import type { Diagnostic } from "../diagnostic/diagnostic.ts";

/** A diagnostic without its place, where there is no room for one. */
export function lineOf({ code, severity, message }: Diagnostic): string {
  return `${severity} ${code}: ${message}`;
}
