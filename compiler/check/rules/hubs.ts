import { isLoopback } from "@millwright/schema";
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Drafts } from "../draft.ts";

/** Agents dial no hub in the clear but one on their own machine. */
export function hubs({ fleets }: Drafts): readonly Diagnostic[] {
  return fleets.flatMap(({ value, spanOf }) =>
    (value.hubs ?? []).flatMap((written, index): Diagnostic[] => {
      const hub = typeof written === "string" ? written : written?.url;
      if (hub === undefined) return [];
      const url = URL.parse(hub);
      const at = spanOf(["hubs", index, ...(typeof written === "string" ? [] : ["url"])]);
      if (url === null)
        return [
          {
            code: "check/invalid-value",
            severity: "error",
            message: `${hub} is no address of a hub`,
            at,
            cure: 'write for example "wss://hub.example.org"',
          },
        ];
      if (url.protocol !== "ws:" || isLoopback(url.hostname)) return [];
      return [
        {
          code: "check/insecure-hub",
          severity: "error",
          message: `${hub} is not encrypted, and not on the host itself`,
          at,
          cure: `write wss://${url.host}, and give the hub a certificate`,
        },
      ];
    }),
  );
}
