import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Drafts } from "../draft.ts";
import { faultOf, type WebPlace } from "./web-address.ts";

const place: WebPlace = {
  what: "mirror",
  example: "https://models.example.org",
  insecure: "check/insecure-mirror",
};

/** Mirrors that an agent would ask, without secrets of theirs in git; and watermarks in their order. */
export function stores({ hosts }: Drafts): readonly Diagnostic[] {
  return hosts.flatMap(({ value, spanOf }): readonly Diagnostic[] => {
    const { mirrors = [], watermarks } = value.store ?? {};
    const wrong = mirrors.flatMap((mirror, index): readonly Diagnostic[] => {
      const fault = typeof mirror === "string" ? faultOf(mirror, place) : undefined;
      return fault === undefined ? [] : [{ ...fault, at: spanOf(["store", "mirrors", index]) }];
    });
    const { low, high } = watermarks ?? {};
    if (low === undefined || high === undefined || low < high) return wrong;
    return [
      ...wrong,
      {
        code: "check/invalid-value",
        severity: "error",
        message: `models would go until ${low} of the disk is in use, and begin to go at ${high}`,
        at: spanOf(["store", "watermarks", "low"]),
        cure: "write a low that is less than high",
      },
    ];
  });
}
