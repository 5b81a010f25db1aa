import type { Conditions, Failure } from "../life/life.ts";

/** Failures that no accident explains. The alarm stays while the agent runs, or until the same source gives the right bytes. */
const severities: Readonly<Record<string, "error" | "warning">> = {
  "store/wrong-digest": "error",
  "store/too-long": "error",
  "store/too-slow": "warning",
};
const cure =
  "Nothing of it is used. Look who controls the source and what stands between; other sources, where the plan names some, are tried.";

/** Somebody has to know of a source that lies or drips, also when another one then gives the right bytes. Gives whether it lied. */
export function suspect(
  { code, message }: Failure,
  name: string,
  source: string,
  conditions: Conditions,
): boolean {
  const severity = severities[code];
  if (severity === undefined) return false;
  const subject = subjectOf(name, source);
  conditions.raise({ code, severity, subject, message: `${name}: ${message} ${cure}` });
  return severity === "error";
}

export function clearSuspicion(name: string, source: string, conditions: Conditions): void {
  for (const code of Object.keys(severities)) conditions.clear(code, subjectOf(name, source));
}

function subjectOf(name: string, source: string): string {
  return `${name} from ${source}`.slice(0, 200);
}
