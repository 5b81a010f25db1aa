import type { FreezeWindow } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import { msOf } from "./durations.ts";

/** The windows in which hosts take no new plan, by name, so that their order in the text changes no plan. */
export function freezeOf({ fleet }: Definitions): readonly FreezeWindow[] {
  return Object.entries(fleet.value.freeze ?? {})
    .map(([name, { starts, lasts, timezone = "UTC" }]) => ({
      name,
      starts: starts.trim().split(/\s+/).join(" "),
      lastsMs: msOf(lasts),
      timezone,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
