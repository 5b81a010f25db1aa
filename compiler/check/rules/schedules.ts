import { parseDuration } from "@millwright/schema";
import { type Diagnostic, nearest } from "../../diagnostic/diagnostic.ts";
import { cronSlips, isTimezone, neverEnds, timezones } from "../cron.ts";
import type { Draft, Drafts } from "../draft.ts";
import { spanInside } from "../located.ts";

const MINUTE = 60_000;
const MONTH = 31 * 86_400_000;

/** A freeze window starts at times that come, in a time zone that there is, and ends again. */
export function schedules({ fleets }: Drafts): readonly Diagnostic[] {
  return fleets.flatMap((fleet) =>
    Object.keys(fleet.value.freeze ?? {}).flatMap((name) => {
      const wrong = [...startsOf(fleet, name), ...lastsOf(fleet, name), ...timezoneOf(fleet, name)];
      return wrong.length > 0 ? wrong : endless(fleet, name);
    }),
  );
}

type Fleet = Draft<"fleet">;

const problem = { code: "check/schedule", severity: "error" } as const;

function startsOf({ value, spanOf }: Fleet, name: string): readonly Diagnostic[] {
  const starts = value.freeze?.[name]?.starts;
  if (starts === undefined) return [];
  return cronSlips(starts).map(({ from, to, message, cure }) => ({
    ...problem,
    message,
    at: spanInside(spanOf(["freeze", name, "starts"]), starts, from, to),
    cure,
  }));
}

function lastsOf({ value, spanOf }: Fleet, name: string): readonly Diagnostic[] {
  const lasts = value.freeze?.[name]?.lasts;
  const ms = lasts === undefined ? undefined : (parseDuration(lasts) ?? Number.POSITIVE_INFINITY);
  if (ms === undefined || (ms >= MINUTE && ms <= MONTH)) return [];
  return [
    {
      ...problem,
      message: `${name} lasts ${lasts?.slice(0, 40)}; a window lasts ${ms < MINUTE ? "1m at least" : "31d at most"}`,
      at: spanOf(["freeze", name, "lasts"]),
      cure: "write a duration from 1m to 31d",
    },
  ];
}

function timezoneOf({ value, spanOf }: Fleet, name: string): readonly Diagnostic[] {
  const timezone = value.freeze?.[name]?.timezone;
  if (timezone === undefined || isTimezone(timezone)) return [];
  const known = timezones();
  const city = known.find((zone) => zone.toLowerCase().endsWith(`/${timezone.toLowerCase()}`));
  const meant = city ?? nearest(timezone, known);
  return [
    {
      ...problem,
      message: `there is no time zone ${timezone}`,
      at: spanOf(["freeze", name, "timezone"]),
      cure:
        meant === undefined
          ? "write an IANA name such as Europe/Berlin, or leave it out for UTC"
          : `did you mean ${meant}?`,
    },
  ];
}

function endless({ value, spanOf }: Fleet, name: string): readonly Diagnostic[] {
  const { starts, lasts, timezone = "UTC" } = value.freeze?.[name] ?? {};
  const ms = lasts === undefined ? undefined : parseDuration(lasts);
  if (starts === undefined || ms === undefined || !neverEnds(starts, ms, timezone)) return [];
  return [
    {
      code: "check/schedule",
      severity: "warning",
      message: `${name} lasts ${lasts}, and its next start always comes before that: the window never ends`,
      at: spanOf(["freeze", name, "lasts"]),
      cure: "let it last shorter, or start less often: hosts would never take a new plan",
      also: [{ message: "its starts", at: spanOf(["freeze", name, "starts"]) }],
    },
  ];
}
