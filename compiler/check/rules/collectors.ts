import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Drafts } from "../draft.ts";
import { faultOf, type WebPlace } from "./web-address.ts";

const place: WebPlace = {
  what: "collector",
  example: "https://otel.example.org:4318",
  insecure: "check/insecure-collector",
};

/** Hosts send what they measure to no collector in the clear but one on their own machine. */
export function collectors({ fleets }: Drafts): readonly Diagnostic[] {
  return fleets.flatMap(({ value, spanOf }): readonly Diagnostic[] => {
    const collector = value.telemetry?.collector;
    const fault = collector === undefined ? undefined : faultOf(collector, place);
    return fault === undefined ? [] : [{ ...fault, at: spanOf(["telemetry", "collector"]) }];
  });
}
