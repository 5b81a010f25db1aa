import type { BudgetedInstance, HostBudget } from "../place/place.ts";
import type { InstanceChange, MemoryChange } from "./comparison.ts";

/** Main memory and every GPU whose use changes, or is higher for a while. */
export function memoryChanges(
  before: HostBudget | undefined,
  after: HostBudget | undefined,
  changes: readonly InstanceChange[],
): readonly MemoryChange[] {
  const extra = (of: (instance: BudgetedInstance) => number) =>
    changes.reduce((sum, change) => sum + extraOf(change, before, after, of), 0);
  const main = changeOf(before?.main, after?.main, extra(mainOf));
  const many = Math.max(before?.gpus.length ?? 0, after?.gpus.length ?? 0);
  const gpus = Array.from({ length: many }, (_, gpu) => ({
    gpu,
    ...changeOf(
      before?.gpus[gpu],
      after?.gpus[gpu],
      extra((instance) => shareOn(instance, gpu)),
    ),
  }));
  return [main, ...gpus].filter(({ before, during, after }) => before !== after || during > after);
}

/** `extra`: what is in use for a while beyond what is in use afterwards. */
function changeOf(
  before: { readonly used: number; readonly size: number } | undefined,
  after: { readonly used: number; readonly size: number } | undefined,
  extra: number,
): Omit<MemoryChange, "gpu"> {
  const [was, is] = [before?.used ?? 0, after?.used ?? 0];
  const size = after?.size ?? before?.size ?? 0;
  return { size, before: was, during: Math.max(was, is + extra), after: is };
}

/**
 * What goes only once its successor, or all of the new plan, can answer stays in memory until then. What is drained goes
 * first, but not before all that starts beside is there: until then the larger of the two may be what is in use.
 */
function extraOf(
  { change, deployment, replica }: InstanceChange,
  before: HostBudget | undefined,
  after: HostBudget | undefined,
  of: (instance: BudgetedInstance) => number,
): number {
  const useIn = (budget: HostBudget | undefined) => {
    const found = budget?.instances.find(
      (each) => each.deployment === deployment && each.replica === replica,
    );
    return found === undefined ? 0 : of(found);
  };
  if (change === "start") return 0;
  return change === "drain" ? Math.max(0, useIn(before) - useIn(after)) : useIn(before);
}

function mainOf({ gpus, fit }: BudgetedInstance): number {
  return gpus.length === 0 ? fit.total : fit.beside;
}

function shareOn({ gpus, fit }: BudgetedInstance, gpu: number): number {
  return gpus.includes(gpu) ? Math.ceil(fit.total / gpus.length) : 0;
}
