import type { Definitions } from "../check/check.ts";
import type { Fit } from "../fit/fit.ts";
import type { Placed } from "./placement.ts";
import { mainMemoryOf, roomOf, shareOf } from "./room.ts";

/** The memory of a host, and what takes it. Bytes. */
export interface HostBudget {
  readonly host: string;
  readonly main: Share;
  /** By index. */
  readonly gpus: readonly (Share & { readonly model: string })[];
  readonly instances: readonly BudgetedInstance[];
}

export interface Share {
  readonly used: number;
  readonly size: number;
}

export interface BudgetedInstance {
  readonly deployment: string;
  readonly replica: number;
  readonly gpus: readonly number[];
  readonly fit: Fit;
}

/** The table of memory: every host with every GPU, also where nothing stands. */
export function budgetsOf(
  { hosts }: Definitions,
  placed: readonly Placed[],
): readonly HostBudget[] {
  const byHost = Map.groupBy(placed, ({ host }) => host);
  return [...hosts.values()].map(({ value: host }, index) => {
    const here = byHost.get(host.name) ?? [];
    const empty = roomOf(host, index);
    const models = (host.gpus ?? []).flatMap(({ model, count = 1 }) =>
      Array<string>(count).fill(model),
    );
    return {
      host: host.name,
      main: { used: sum(here, ({ wanted }) => mainMemoryOf(wanted)), size: empty.memory },
      gpus: empty.gpus.map((size, gpu) => ({
        model: models[gpu] ?? "",
        used: sum(here, ({ wanted, gpus }) => (gpus.includes(gpu) ? shareOf(wanted) : 0)),
        size,
      })),
      instances: here
        .map(({ wanted, replica, gpus }) => ({
          ...{ deployment: wanted.name, replica, gpus },
          fit: wanted.fit,
        }))
        .sort((a, b) => compare(a.deployment, b.deployment) || a.replica - b.replica),
    };
  });
}

function sum(placed: readonly Placed[], of: (one: Placed) => number): number {
  return placed.reduce((all, one) => all + of(one), 0);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
