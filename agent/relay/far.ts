import type { KeyObject } from "node:crypto";
import type { Elsewhere, HostPlan, Neighbour } from "@millwright/schema";
import { type Chance, type Clock, type Conditions, Failure, messageOf } from "../life/life.ts";
import { dial } from "./dial.ts";
import { type Line, lineOn, type NotTaken, type Take, type Taken } from "./line.ts";

/** What a neighbour gave, and which one it was. */
export interface Far extends Omit<Taken, "kind"> {
  readonly kind: "far";
  readonly host: string;
}

/** Where instances of neighbours are had. */
export interface Relay {
  /** Of the first neighbour that has one for it; `undefined` where the plan names nobody. */
  take(wanted: Take, signal: AbortSignal): Promise<Far | NotTaken | undefined>;
  /** Hangs up. */
  close(): void;
}

export interface RelayOptions {
  readonly key: KeyObject;
  readonly plan: () => Pick<HostPlan, "neighbours" | "elsewhere"> | undefined;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly conditions: Conditions;
}

/** To connect and to prove who one is. Skipped within a second, with what follows. */
const DIAL_MS = 800;
const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
const DOWN = "relay/neighbour-down";

/**
 *   (unknown) ──dial──▶ up ──lost──▶ down ──due, dial──▶ up
 */
type State =
  | { readonly kind: "up"; readonly line: Promise<Line>; readonly address: string }
  | {
      readonly kind: "down";
      readonly until: number;
      readonly failures: number;
      readonly why: string;
    };

export function relayOf({ key, plan, clock, chance, conditions }: RelayOptions): Relay {
  const states = new Map<string, State>();
  /** Instances that are taken now, by host. */
  const taken = new Map<string, number>();
  const count = (host: string, by: number) => taken.set(host, (taken.get(host) ?? 0) + by);

  const down = (neighbour: Neighbour, why: string, failures: number) => {
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
    const until = clock.now() + ceiling * (0.5 + 0.5 * chance.fraction());
    states.set(neighbour.host, { kind: "down", until, failures: failures + 1, why });
    conditions.raise({
      ...{ code: DOWN, severity: "warning", subject: neighbour.host },
      message: `${why} Its tasks go to others, where there are any; it is asked again within ${Math.ceil(ceiling / 1000)} s.`,
    });
  };

  const connect = async (neighbour: Neighbour): Promise<Line> => {
    const late = new AbortController();
    const there = new AbortController();
    void clock.sleep(DIAL_MS, there.signal).then(() => late.abort());
    try {
      return lineOn(await dial(neighbour, key, late.signal), neighbour.host, clock);
    } finally {
      there.abort();
    }
  };

  /** One line a neighbour, for all tasks: who comes while it is dialled waits for the same one. */
  const lineTo = async (neighbour: Neighbour): Promise<Line> => {
    const known = states.get(neighbour.host);
    if (known?.kind === "up" && known.address === neighbour.address) {
      const line = await known.line;
      if (!line.lost()) return line;
    }
    const line = connect(neighbour);
    states.set(neighbour.host, { kind: "up", line, address: neighbour.address });
    await line;
    conditions.clear(DOWN, neighbour.host);
    return line;
  };

  /** Those that may answer, with the least that we have taken there first; who was not there lately, only when due. */
  const candidates = ({ hosts }: Elsewhere, neighbours: readonly Neighbour[]) => {
    const due = hosts.flatMap((host) => {
      const state = states.get(host);
      const isDue = state?.kind !== "down" || state.until <= clock.now();
      const found = isDue ? neighbours.find((neighbour) => neighbour.host === host) : undefined;
      return found ?? [];
    });
    const failuresOf = (host: string) => {
      const state = states.get(host);
      return state?.kind === "down" ? state.failures : 0;
    };
    return due.toSorted(
      (a, b) =>
        failuresOf(a.host) - failuresOf(b.host) ||
        (taken.get(a.host) ?? 0) - (taken.get(b.host) ?? 0),
    );
  };

  return {
    async take(wanted, signal) {
      const { neighbours = [], elsewhere = {} } = plan() ?? {};
      const named = Object.hasOwn(elsewhere, wanted.deployment)
        ? elsewhere[wanted.deployment]
        : undefined;
      if (named === undefined) return undefined;
      let refused: NotTaken | undefined;
      for (const neighbour of candidates(named, neighbours)) {
        const before = states.get(neighbour.host);
        const failures = before?.kind === "down" ? before.failures : 0;
        try {
          const line = await lineTo(neighbour);
          count(neighbour.host, 1);
          using waiting = new DisposableStack();
          waiting.defer(() => count(neighbour.host, -1));
          const answer = await line.take(wanted, signal);
          if (answer.kind === "taken") return farOf(answer, neighbour.host, waiting.move());
          refused ??= answer;
        } catch (error) {
          signal.throwIfAborted();
          const why =
            error instanceof Failure ? error.message : `${neighbour.host}: ${messageOf(error)}`;
          down(neighbour, why, failures);
        }
      }
      return refused ?? notReached(wanted.deployment, named, states);
    },
    close() {
      for (const state of states.values())
        if (state.kind === "up")
          state.line.then((line) => line[Symbol.dispose]()).catch(() => undefined);
      states.clear();
    },
  };
}

function farOf({ give, ...taken }: Taken, host: string, counted: DisposableStack): Far {
  return {
    ...{ ...taken, kind: "far", host },
    give() {
      give();
      counted.dispose();
    },
  };
}

function notReached(
  deployment: string,
  { hosts }: Elsewhere,
  states: ReadonlyMap<string, State>,
): NotTaken {
  const whys = hosts.flatMap((host) => {
    const state = states.get(host);
    return state?.kind === "down" ? [state.why] : [];
  });
  return {
    kind: "refused",
    code: "not-ready",
    message: `${deployment}: ${whys.join(" ") || `none of ${hosts.join(", ")} answers`}`,
  };
}
