import { Failure, messageOf, type Service } from "../life/life.ts";
import { readPointer, writePointer } from "./slots.ts";
import type { UpdateOptions } from "./updater.ts";

/** An agent that is not up by then ends, so that the launcher counts it. */
const WITHIN_MS = 300_000;
const LOOK_MS = 500;

type TrialOptions = Pick<
  UpdateOptions,
  "state" | "version" | "launched" | "missing" | "clock" | "journal"
>;

/** How an agent in a slot answers for the starts that its launcher counts. */
export interface Trial {
  /**
   * The first life of an agent: returns once it is truly up and that is written down; at once when it was up before.
   * Throws Failure when it does not come up.
   */
  readonly run: Service;
  /** Whether the starts are settled: looks whether an agent that was up before is so again. */
  settled(): Promise<boolean>;
  /** Gives the start back: an operator who stops or restarts a service says nothing about the agent. */
  giveBack(): Promise<void>;
}

export function trialOf({
  state,
  version,
  launched,
  missing,
  clock,
  journal,
}: TrialOptions): Trial {
  let isSettled = launched?.slot == null;
  return {
    async run(signal) {
      if (launched?.isTrial !== true) return;
      const until = clock.now() + WITHIN_MS;
      while (!signal.aborted && !isSettled) {
        const lacks = missing();
        if (lacks === undefined && (await confirm())) return;
        if (clock.now() > until)
          throw new Failure(
            "update/not-up",
            `agent ${version} was not up within ${WITHIN_MS / 60_000} minutes: ${lacks ?? "it could not write that down"}`,
          );
        await clock.sleep(LOOK_MS, signal);
      }
    },
    async settled() {
      if (!isSettled && missing() === undefined) await confirm();
      return isSettled;
    },
    async giveBack() {
      if (isSettled) return;
      const pointer = await readPointer(state);
      if (pointer.starts > 0)
        await writePointer(state, { ...pointer, starts: pointer.starts - 1 }).catch(noted);
    },
  };

  async function confirm(): Promise<boolean> {
    const pointer = await readPointer(state);
    try {
      await writePointer(state, { ...pointer, confirmed: true, starts: 0 });
      isSettled = true;
    } catch (error) {
      noted(error);
      return false;
    }
    if (!pointer.confirmed)
      journal("info", { event: "update/confirmed", version, slot: launched?.slot ?? null });
    return true;
  }

  /** Then the start counts, or it is tried again. */
  function noted(error: unknown): void {
    journal("warn", { event: "update/not-recorded", reason: messageOf(error) });
  }
}
