import type { BudgetedInstance, HostBudget } from "../place/place.ts";
import type { InstanceChange, MemoryChange } from "./comparison.ts";

/** Main memory and every GPU whose use changes, or is higher for a while. */
export function memoryChanges(
  before: HostBudget | undefined,
  after: HostBudget | undefined,
  changes: readonly InstanceChange[],
): readonly MemoryChange[] {
  const going = changes.filter(({ change }) => change === "stop" || change === "beside");
  const leaving = (before?.instances ?? []).filter((instance) => isAmong(going, instance));
  const main = changeOf(before?.main, after?.main, sum(leaving, mainOf));
  const many = Math.max(before?.gpus.length ?? 0, after?.gpus.length ?? 0);
  const gpus = Array.from({ length: many }, (_, gpu) => ({
    gpu,
    ...changeOf(
      before?.gpus[gpu],
      after?.gpus[gpu],
      sum(leaving, (instance) => shareOn(instance, gpu)),
    ),
  }));
  return [main, ...gpus].filter(({ before, during, after }) => before !== after || during > after);
}

/** What goes only once its successor, or all of the new plan, can answer stays in memory until then. */
function changeOf(
  before: { readonly used: number; readonly size: number } | undefined,
  after: { readonly used: number; readonly size: number } | undefined,
  leaving: number,
): Omit<MemoryChange, "gpu"> {
  const [was, is] = [before?.used ?? 0, after?.used ?? 0];
  const size = after?.size ?? before?.size ?? 0;
  return { size, before: was, during: Math.max(was, is + leaving), after: is };
}

function isAmong(
  changes: readonly InstanceChange[],
  { deployment, replica }: BudgetedInstance,
): boolean {
  return changes.some((each) => each.deployment === deployment && each.replica === replica);
}

function mainOf({ gpus, fit }: BudgetedInstance): number {
  return gpus.length === 0 ? fit.total : fit.beside;
}

function shareOn({ gpus, fit }: BudgetedInstance, gpu: number): number {
  return gpus.includes(gpu) ? Math.ceil(fit.total / gpus.length) : 0;
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
