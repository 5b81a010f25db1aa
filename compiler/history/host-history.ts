import type { HostName } from "@millwright/schema";
import { type Difference, differencesBetween, leavesOf } from "./differences.ts";
import {
  type HostRevision,
  type PlanThen,
  readHostRevision,
  readPlanThen,
} from "./host-revisions.ts";
import { ObjectReader } from "./object-reader.ts";
import { releaseCommitsOf } from "./release-commits.ts";

/** What one revision did to a host. */
export interface HostStep {
  readonly revision: HostRevision;
  /** `unreadable`: the plan of this revision, or of the one before, is larger than agents accept or no JSON. */
  readonly kind: "added" | "returned" | "changed" | "removed" | "unreadable" | "earliest";
  /** All values where the host was added; none where it was removed. */
  readonly changes: readonly Difference[];
}

/** Where a list of steps ends. */
export type HostEnd =
  /** With the first plan of the host. */
  | "first"
  /** The clone is shallow: the last step is the earliest that it has, and may have changed less than is shown. */
  | "shallow"
  /** As many as were asked for; there are more. */
  | "more";

export interface HostHistory {
  readonly steps: readonly HostStep[];
  readonly end: HostEnd;
}

/** A value of the newest plan, and the revision that last changed it. */
export interface BlamedValue {
  readonly path: string;
  readonly value: unknown;
  /** Absent: an earlier one than was looked at. */
  readonly revision?: HostRevision;
  /** The clone is shallow: it may have been an earlier one. */
  readonly orEarlier?: true;
}

export type HostBlame =
  | { readonly kind: "blamed"; readonly values: readonly BlamedValue[] }
  | { readonly kind: "removed"; readonly revision: HostRevision }
  | { readonly kind: "unreadable"; readonly revision: HostRevision };

/** The revisions that touched a host, newest first; `undefined` when none ever did. */
export async function hostHistory(
  repository: string,
  host: HostName,
  most: number,
  signal: AbortSignal,
): Promise<HostHistory | undefined> {
  const { commits, shallow, isShallow } = await releaseCommitsOf(
    repository,
    host,
    most + 1,
    signal,
  );
  if (commits.length === 0) return undefined;
  await using reader = new ObjectReader(repository, signal);
  const steps: HostStep[] = [];
  let now = await readPlanThen(reader, commits[0] ?? "", host);
  for (const [index, commit] of commits.slice(0, most).entries()) {
    const older = commits[index + 1];
    const before: PlanThen =
      older === undefined ? { kind: "none" } : await readPlanThen(reader, older, host);
    const revision = await readHostRevision(reader, commit);
    const otherwise = older !== undefined ? "returned" : shallow.has(commit) ? "earliest" : "added";
    steps.push({ revision, ...stepBetween(before, now, otherwise) });
    now = before;
  }
  const end = commits.length > most ? "more" : isShallow ? "shallow" : "first";
  return { steps, end };
}

/** `otherwise`: what it is when there was no plan before. */
function stepBetween(
  before: PlanThen,
  now: PlanThen,
  otherwise: HostStep["kind"],
): Omit<HostStep, "revision"> {
  if (now.kind === "none") return { kind: "removed", changes: [] };
  if (now.kind === "unreadable" || before.kind === "unreadable")
    return { kind: "unreadable", changes: [] };
  if (before.kind === "plan")
    return { kind: "changed", changes: differencesBetween(before.value, now.value) };
  return { kind: otherwise, changes: differencesBetween(undefined, now.value) };
}

/**
 * For each value of the newest plan of a host the revision that last changed it, looking back over at most so many
 * revisions of the host; `undefined` when it never had a plan.
 */
export async function blameHost(
  repository: string,
  host: HostName,
  most: number,
  signal: AbortSignal,
): Promise<HostBlame | undefined> {
  const { commits, shallow } = await releaseCommitsOf(repository, host, most + 1, signal);
  const [newest] = commits;
  if (newest === undefined) return undefined;
  await using reader = new ObjectReader(repository, signal);
  const plan = await readPlanThen(reader, newest, host);
  if (plan.kind !== "plan") {
    const revision = await readHostRevision(reader, newest);
    return { kind: plan.kind === "none" ? "removed" : "unreadable", revision };
  }
  const values = [...leavesOf(plan.value)].map(([path, value]) => ({ path, value }));
  const open = new Set(values.map(({ path }) => path));
  const found = new Map<string, Omit<BlamedValue, "path" | "value">>();
  let now = plan.value;
  for (const [index, commit] of commits.slice(0, most).entries()) {
    if (open.size === 0) break;
    const older = commits[index + 1];
    const before = older === undefined ? undefined : await readPlanThen(reader, older, host);
    // From a plan that is not there, or cannot be read, nothing was taken over.
    const changed =
      before?.kind === "plan"
        ? differencesBetween(before.value, now).flatMap(({ path }) => (open.has(path) ? path : []))
        : [...open];
    if (changed.length > 0) {
      const revision = await readHostRevision(reader, commit);
      const orEarlier = older === undefined && shallow.has(commit);
      for (const path of changed) {
        found.set(path, { revision, ...(orEarlier && { orEarlier }) });
        open.delete(path);
      }
    }
    if (before?.kind === "plan") now = before.value;
  }
  return { kind: "blamed", values: values.map((each) => ({ ...each, ...found.get(each.path) })) };
}
