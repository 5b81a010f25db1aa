/** A value found by its path, or why there is none. */
export type Found =
  | { readonly path: readonly string[]; readonly value: unknown }
  | { readonly why: string };

/** The value at `deployments.triage.instances.0.gpus` or `routes["x"].to[0]`. Keys with dots stand in brackets. */
export function valueAt(root: unknown, path: string): Found {
  const steps = stepsOf(path);
  if (steps === undefined)
    return { why: `no path ${path}: write names with dots between, as deployments.triage.context` };
  let value = root;
  for (const [depth, step] of steps.entries()) {
    const inner = childOf(value, step);
    if (inner === undefined) {
      const where = depth === 0 ? "at its top" : `in ${steps.slice(0, depth).join(".")}`;
      const keys = keysOf(value).slice(0, 20).join(", ");
      return {
        why: `no ${step} ${where}; ${keys === "" ? "there is nothing" : `there is ${keys}`}`,
      };
    }
    value = inner;
  }
  return { path: steps, value };
}

function stepsOf(path: string): string[] | undefined {
  const steps: string[] = [];
  const pattern = /(?:^|\.)([^.[\]]+)|\[(?:"([^"]*)"|([^\]"]+))\]/gy;
  while (pattern.lastIndex < path.length) {
    const match = pattern.exec(path);
    if (match === null) return undefined;
    steps.push(match[1] ?? match[2] ?? match[3] ?? "");
  }
  return steps.length === 0 ? undefined : steps;
}

function childOf(value: unknown, step: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
  return Array.isArray(value) && step === "length"
    ? undefined
    : (value as Readonly<Record<string, unknown>>)[step];
}

function keysOf(value: unknown): readonly string[] {
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}
