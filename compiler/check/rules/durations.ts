import { parseDuration } from "@millwright/schema";
import type { Diagnostic, Span } from "../../diagnostic/diagnostic.ts";
import type { Drafts } from "../draft.ts";

/** Sensors are read no more often: a plan takes nothing less. Milliseconds. */
const LEAST_TELEMETRY = 100;
/** A host looks for news every few seconds: less would stop it in the middle of a restart of its hub. Milliseconds. */
const LEAST_STALENESS = 60_000;

/** A process is loaded anew no more often: it should serve for longer than it loads. Milliseconds. */
const LEAST_RECYCLE = 60_000;

/** A duration of the right form may still be one that no plan can hold. */
export function durations({
  fleets,
  models,
  adapters,
  datasets,
  factories,
}: Drafts): readonly Diagnostic[] {
  return [
    ...fleets.flatMap(({ value, spanOf }) => [
      ...problemsOf(value.telemetry?.every, spanOf(["telemetry", "every"]), LEAST_TELEMETRY),
      ...problemsOf(value.maxStaleness, spanOf(["maxStaleness"]), LEAST_STALENESS),
    ]),
    ...[...models, ...adapters].flatMap(({ value, spanOf }) =>
      problemsOf(value.smoke?.within, spanOf(["smoke", "within"])),
    ),
    ...datasets.flatMap(({ value, spanOf }) => problemsOf(value.retention, spanOf(["retention"]))),
    ...factories.flatMap(({ value, spanOf }) => [
      ...problemsOf(value.feedback?.keep, spanOf(["feedback", "keep"])),
      ...Object.entries(value.deployments ?? {}).flatMap(([name, deployment]) =>
        problemsOf(
          deployment?.recycle?.after,
          spanOf(["deployments", name, "recycle", "after"]),
          LEAST_RECYCLE,
        ),
      ),
    ]),
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
          : `${text} is less than ${inWords(least)}`,
      at,
      cure: ms === undefined ? "write a duration such as 90d" : `write ${inWords(least)} or more`,
    },
  ];
}

function inWords(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms}ms`;
}
