import type { FlowLabel } from "@millwright/schema";
import { listed } from "../diagnostic/diagnostic.ts";

/** `confidential; only in de, fr; to serve, train; kept for 30 days; not unredacted off its host; under terms-1`. */
export function labelText(label: FlowLabel): string {
  const { classification, residency, purposes, retentionMs, redact, consent } = label;
  return [
    classification,
    ...(residency === undefined
      ? []
      : [residency.length === 0 ? "nowhere" : `only in ${listed(residency)}`]),
    purposes.length === 0 ? "for nothing" : `to ${purposes.join(", ")}`,
    ...(retentionMs === undefined
      ? []
      : [`kept for ${Math.round(retentionMs / 8_640_000) / 10} days`]),
    ...(redact === true ? ["not unredacted off its host"] : []),
    ...(consent === undefined ? [] : [`under ${listed(consent)}`]),
  ].join("; ");
}
