import { parseDuration } from "@millwright/schema";
import type { Definitions, Found } from "../check/check.ts";
import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";

/** Sensors are read no more often: a plan takes nothing less. Milliseconds. */
const LEAST_TELEMETRY = 100;

/** Milliseconds of a text that `unsayable` has passed; absent stays absent. */
export function msOf(text: string): number;
export function msOf(text: string | undefined): number | undefined;
export function msOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error(`impossible: ${text} has passed as a duration`);
  return ms;
}

/** Durations that have the right form, and yet no plan can hold. */
export function unsayable(definitions: Definitions): readonly Diagnostic[] {
  const { fleet, models, adapters, factories } = definitions;
  const tested = (found: Found<"model"> | Found<"adapter">) =>
    problemsOf(found.value.smoke?.within, found.spanOf(["smoke", "within"]));
  return [
    ...problemsOf(
      fleet.value.telemetry?.every,
      fleet.spanOf(["telemetry", "every"]),
      LEAST_TELEMETRY,
    ),
    ...[...models.values(), ...adapters.values()].flatMap(tested),
    ...[...factories.values()].flatMap(({ value, spanOf }) =>
      problemsOf(value.feedback?.keep, spanOf(["feedback", "keep"])),
    ),
  ];
}

function problemsOf(text: string | undefined, at: Span, least = 0): readonly Diagnostic[] {
  if (text === undefined) return [];
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= least) return [];
  return [
    {
      code: "check/invalid-value",
      severity: "error",
      message:
        ms === undefined
          ? `${text.slice(0, 40)} is longer than can be counted`
          : `${text} is less than ${least}ms`,
      at,
      cure: ms === undefined ? "write a duration such as 90d" : `write ${least}ms or more`,
    },
  ];
}
