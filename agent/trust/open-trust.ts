import type { Delivery } from "@millwright/schema";
import type { StateFolder } from "../disk/disk.ts";
import type { Clock, Conditions, Journal, Service } from "../life/life.ts";
import type { Self } from "./host-plan.ts";
import { lastAccepted, lastGood } from "./lasting.ts";
import { memoryText, type PinnedMemory, readMemory, writeMemory } from "./memory.ts";
import { runTime } from "./run-time.ts";
import type { RefusalCode, Refused, Verdict } from "./verdict.ts";
import type { VerifiedPlan } from "./verified-plan.ts";
import { verify } from "./verify.ts";

export interface TrustRequest {
  readonly state: StateFolder;
  readonly self: Self;
  readonly clock: Clock;
  readonly conditions: Conditions;
  readonly journal: Journal;
}

/** What this host has proved, and the only door through which it proves more. */
export interface Trust {
  /** The newest plan that was accepted, also before a restart and after it has expired: what this host is to be. */
  accepted(): VerifiedPlan | undefined;
  /** The newest plan that was kept with `keepGood`: what to go back to when the accepted one fails. */
  good(): VerifiedPlan | undefined;
  /** Verifies as `offer` does, and remembers nothing: for what must be at hand before the plan counts. */
  judge(delivery: Delivery): Promise<Verdict>;
  /** Verifies, and remembers what passed. One after the other. Throws a `Failure` when the disk cannot remember it. */
  offer(delivery: Delivery): Promise<Verdict>;
  /** To be called when the accepted plan runs and has passed its gates. Does nothing for any other plan. */
  keepGood(plan: VerifiedPlan): Promise<void>;
  /** For how long nobody has vouched that the accepted plan is the newest. Milliseconds; 0 while somebody does. */
  staleFor(): number;
  /** Raises `trust/stale` while nobody vouches that the accepted plan is the newest. */
  readonly watch: Service;
}

const WATCH_MS = 10_000;
/** Clocks that are set right by the network jump by a little. */
const TOLERANCE_MS = 60_000;
/** A hub that offers the same wrong thing without end must not fill the log. */
const LOG_AGAIN_MS = 60_000;

export async function openTrust(request: TrustRequest): Promise<Trust> {
  const { state, self, clock, conditions, journal } = request;
  let memory = await readMemory(state);
  const held = lastAccepted(memory, self);
  let accepted = held.ok ? held.verified : undefined;
  let freshUntil = held.ok ? held.freshUntil : undefined;
  let good = lastGood(memory, self);
  let alarm: RefusalCode | undefined;
  let logged = { message: "", at: 0 };
  let turn: Promise<unknown> = Promise.resolve();

  const raise = ({ reason, message }: Refused) => {
    if (alarm !== undefined && alarm !== reason) conditions.clear(alarm);
    alarm = reason;
    conditions.raise({ code: reason, severity: "error", message });
    const at = clock.now();
    if (logged.message === message && Math.abs(at - logged.at) < LOG_AGAIN_MS) return;
    logged = { message, at };
    journal("error", { event: "trust/refused", reason, message });
  };
  const isNew = memory.kind === "pinned" && memory.accepted === undefined;
  if (!held.ok && !isNew) raise(held);

  const remember = async (next: PinnedMemory) => {
    // A hub that says the same again costs no write, though the time has gone on.
    const was = memory.kind === "pinned" ? memory : undefined;
    const isNews =
      was === undefined || memoryText({ ...was, seen: 0 }) !== memoryText({ ...next, seen: 0 });
    if (!isNews) return;
    await writeMemory(state, next);
    memory = next;
  };
  /** One at a time: what is verified against one memory must not be written over another. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  const watchClock = () => {
    const { clock: now, floor } = runTime(memory, clock.now());
    if (now >= floor - TOLERANCE_MS) conditions.clear("trust/clock-behind");
    else
      conditions.raise({
        code: "trust/clock-behind",
        severity: "error",
        message: `The clock of this machine says ${new Date(now).toISOString()}, but it is ${new Date(floor).toISOString()} at the least. What runs goes on running; the hub takes no token from such a time. Set the clock: timedatectl set-ntp true.`,
      });
  };

  const judge = (delivery: Delivery): Verdict => {
    const verdict = verify(delivery, memory, self, runTime(memory, clock.now()));
    if (!verdict.ok) raise(verdict);
    return verdict;
  };

  return {
    accepted: () => accepted,
    good: () => good,
    judge: (delivery) => inTurn(async () => judge(delivery)),
    offer: (delivery) =>
      inTurn(async () => {
        const verdict = judge(delivery);
        if (!verdict.ok) return verdict;
        await remember(verdict.memory);
        freshUntil = verdict.freshUntil;
        if (alarm !== undefined) conditions.clear(alarm);
        alarm = undefined;
        const { revision, digest } = verdict.verified;
        const { number } = revision.predicate;
        // A fresher timestamp over the same revision changes nothing for anybody.
        if (accepted?.revision.predicate.number !== number) {
          journal("info", { event: "trust/accepted", revision: number, plan: digest });
          accepted = verdict.verified;
        }
        return { ...verdict, verified: accepted };
      }),
    keepGood: (plan) =>
      inTurn(async () => {
        if (memory.kind !== "pinned" || memory.accepted === undefined) return;
        if (accepted?.digest !== plan.digest || good?.revision === accepted.revision) return;
        await remember({ ...memory, good: memory.accepted });
        good = accepted;
      }),
    staleFor() {
      // A clock that was set back must not make what is old look new.
      const { clock: now, floor } = runTime(memory, clock.now());
      return freshUntil === undefined ? 0 : Math.max(0, Math.max(now, floor) - freshUntil);
    },
    async watch(signal) {
      while (!signal.aborted) {
        if (freshUntil !== undefined && clock.now() >= freshUntil) {
          conditions.raise({
            code: "trust/stale",
            severity: "warning",
            message: `Nobody has vouched since ${new Date(freshUntil).toISOString()} that revision ${accepted?.revision.predicate.number} is the newest. It goes on running. Look whether the hub can be reached, and whether it holds its online key.`,
          });
        } else conditions.clear("trust/stale");
        watchClock();
        await clock.sleep(WATCH_MS, signal);
      }
    },
  };
}
