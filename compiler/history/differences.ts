/** One value that differs. A side that is absent has no such field. */
export interface Difference {
  /** As `explain` takes it: `deployments.triage.context`, `routes["a.b"].to`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Nothing that people write nests deeper. What does is not looked at: it would exhaust the stack. */
const DEEPEST = 32;
const TOO_DEEP = "(nested too deep to be shown)";

/** Values by path, down to what has no parts, in the order of writing. A list of plain values is one: its order matters. */
export function leavesOf(value: unknown): ReadonlyMap<string, unknown> {
  const leaves = new Map<string, unknown>();
  const visit = (part: unknown, path: string, depth: number): void => {
    if (!isParted(part)) leaves.set(path, part);
    else if (depth >= DEEPEST) leaves.set(path, TOO_DEEP);
    else
      for (const [key, inner] of Object.entries(part))
        visit(inner, joined(path, key, Array.isArray(part)), depth + 1);
  };
  if (value !== undefined) visit(value, "", 0);
  return leaves;
}

/** What differs between two values, sorted by path; `undefined` has no parts at all. */
export function differencesBetween(before: unknown, after: unknown): readonly Difference[] {
  const [was, is] = [leavesOf(before), leavesOf(after)];
  const found: Difference[] = [];
  for (const [path, value] of was)
    if (!is.has(path)) found.push({ path, before: value });
    else if (!isSame(value, is.get(path))) found.push({ path, before: value, after: is.get(path) });
  for (const [path, value] of is) if (!was.has(path)) found.push({ path, after: value });
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Leaves are JSON: scalars, lists of them, and what is empty. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}

function isParted(part: unknown): part is object {
  if (typeof part !== "object" || part === null) return false;
  if (Array.isArray(part)) return part.some((item) => typeof item === "object" && item !== null);
  return Object.keys(part).length > 0;
}

function joined(path: string, key: string, isList: boolean): string {
  const isPlain = isList || /^[^.[\]"\s]+$/.test(key);
  if (!isPlain) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
