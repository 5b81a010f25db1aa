import { type ExternalEngine, type PlannedEngine, parseDuration } from "@millwright/schema";
import { type PresetSize, presetOf } from "./presets.ts";

export type Size = PresetSize;

const PATH = "/health";
const EVERY_MS = 10_000;

/** An engine as a plan has it. */
export function plannedEngine(engine: ExternalEngine, size: Size): PlannedEngine {
  const { kind, command, args = [], env, probe = {} } = engine;
  const preset = presetOf(kind);
  const begin = command ?? preset?.command ?? [];
  const withinMs = probe.within === undefined ? undefined : parseDuration(probe.within);
  const environment = { ...preset?.env, ...env };
  return {
    command: [...begin, ...(preset?.args(size) ?? []), ...args],
    ...(Object.keys(environment).length > 0 && { env: environment }),
    probe: {
      path: probe.path ?? PATH,
      everyMs: (probe.every === undefined ? undefined : parseDuration(probe.every)) ?? EVERY_MS,
      ...(withinMs !== undefined && { withinMs }),
    },
  };
}
