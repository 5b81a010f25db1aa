import type { HostPlan } from "@millwright/schema";
import {
  type Chance,
  type Clock,
  type Conditions,
  Failure,
  isWorldly,
  type Journal,
  messageOf,
  type Service,
} from "../life/life.ts";
import type { BlobSource, Store } from "../store/store.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import { type Aim, aimOf } from "./aim.ts";
import type { Launched } from "./launched.ts";
import { isNewer } from "./newer.ts";
import { MAX_REASON, noSlots, type Pointer } from "./pointer.ts";
import { prepareSlot } from "./prepare-slot.ts";
import { sayOf, type UpdateCode, updateCodes } from "./say.ts";
import { readPointer, tidySlots, writePointer } from "./slots.ts";
import { trialOf } from "./trial.ts";

export interface UpdateOptions {
  /** The state folder. */
  readonly state: string;
  /** Of the agent that runs. */
  readonly version: string;
  /** As Node names it. */
  readonly processor: string;
  /** `undefined`: the agent was started by hand. */
  readonly launched: Launched | undefined;
  /** The plan that the host is to be now. */
  readonly plan: () => VerifiedPlan | undefined;
  readonly store: Pick<Store, "fetch" | "path">;
  /** Why the agent may not go now; `undefined` when it may. */
  readonly busy: () => string | undefined;
  /** What is missing until the agent is truly up; `undefined` when nothing is. */
  readonly missing: () => string | undefined;
  /** Ends the agent, so that the launcher starts the other one. Models go on. */
  readonly relaunch: () => void;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly journal: Journal;
  readonly conditions: Conditions;
}

const TICK_MS = 5_000;
/** While only the moment is awaited. */
const MOMENT_MS = 500;
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 1_800_000;
/** Nothing that time mends. */
const lasting: readonly string[] = [
  ...["update/bad-archive", "update/does-not-run", "update/other-engine", "update/no-archive"],
  "store/wrong-digest",
];

/**
 * Brings the agent to the version that the plan names. Nothing is begun before this agent itself has shown that it is
 * up; what fails for now is tried again, later each time; what fails for good is not, until a plan names another.
 */
export function updater(options: UpdateOptions): Service {
  const { state, clock, journal, conditions, launched } = options;
  const trial = trialOf(options);
  let failures = 0;

  const silence = (but: readonly UpdateCode[]) => {
    for (const code of updateCodes) if (!but.includes(code)) conditions.clear(code);
  };

  const say = (code: UpdateCode, message: string) => {
    silence([code]);
    conditions.raise({ ...sayOf(code), code, message: message.slice(0, 4_000) });
  };

  /** Gives how long nothing more is due. */
  const pursue = async (plan: VerifiedPlan, signal: AbortSignal): Promise<number> => {
    const pointer = await readPointer(state);
    const wanted = plan.plan.agent;
    const aim = aimOf({ ...options, wanted, pointer });
    const version = wanted?.version ?? options.version;
    if (aim.kind !== "slot" && aim.kind !== "package") {
      settle(aim, version);
      return TICK_MS;
    }
    // What was the case with another version is over.
    silence(["update/delayed", "update/waiting"]);
    if (aim.kind === "slot") {
      await prepareSlot(
        state,
        { ...options, ...aim, version },
        blobIn(plan.plan, aim.digest),
        signal,
      );
      journal("info", { event: "update/prepared", version, slot: aim.slot });
    }
    for (let busy = options.busy(); busy !== undefined; busy = options.busy()) {
      if (signal.aborted || options.plan() !== plan) return 0;
      say("update/waiting", `Agent ${version} is ready to take over, and waits: ${busy}.`);
      await clock.sleep(MOMENT_MS, signal);
    }
    if (signal.aborted || options.plan() !== plan) return 0;
    await switchTo(aim, version, pointer);
    return Number.POSITIVE_INFINITY;
  };

  const settle = (aim: Aim, version: string) => {
    const goesOn = `Agent ${options.version} goes on.`;
    switch (aim.kind) {
      case "by-hand":
        return say(
          "update/by-hand",
          `The plan names agent ${version}; this is ${options.version}, started by hand, and nothing would start it again. Run it as a service (millwright-agent install), or install ${version} and start that.`,
        );
      case "package-newer":
        return say(
          "update/package-newer",
          `The plan names agent ${version}; the package on this host is newer. ${goesOn} Name ${aim.packaged} in the fleet's definition.`,
        );
      case "no-archive":
        return say(
          "update/no-archive",
          `The plan names agent ${version}, and no archive of it for ${options.processor}. ${goesOn} Name one under packages.`,
        );
      case "failed":
        return say("update/failed", failedText(version, aim.failed.reason));
      default:
        silence([]);
    }
  };

  const failedText = (version: string, reason: string) =>
    `Agent ${version} cannot run here: ${reason}. Agent ${options.version} goes on. It is not tried again until a plan names another version or another archive; see also journalctl -u millwright-agent.`;

  const switchTo = async (
    aim: Extract<Aim, { kind: "slot" | "package" }>,
    version: string,
    pointer: Pointer,
  ) => {
    const previous = launched?.slot == null ? null : pointer.current;
    const current = aim.kind === "package" ? null : { slot: aim.slot, version, digest: aim.digest };
    const confirmed = current === null;
    await writePointer(state, { current, previous, confirmed, starts: 0, failed: pointer.failed });
    journal("info", { event: "update/switched", from: options.version, to: version });
    silence([]);
    options.relaunch();
  };

  /** Gives how long to wait before the next attempt. */
  const failed = async (plan: VerifiedPlan, error: unknown): Promise<number> => {
    const version = plan.plan.agent?.version ?? "";
    const reason = messageOf(error).slice(0, MAX_REASON).replace(/\.$/, "");
    const pointer = await readPointer(state);
    const aim = aimOf({ ...options, wanted: plan.plan.agent, pointer });
    if (error instanceof Failure && lasting.includes(error.code) && aim.kind === "slot") {
      journal("error", { event: "update/failed", version, reason });
      await writePointer(state, { ...pointer, failed: { version, digest: aim.digest, reason } });
      return 0;
    }
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10));
    failures += 1;
    // Half is chance: a fleet that fails together does not try again together.
    const wait = Math.round(longest * (0.5 + 0.5 * options.chance.fraction()));
    journal("warn", { event: "update/delayed", version, reason, waitMs: wait });
    say(
      "update/delayed",
      `Agent ${version} could not be made ready: ${reason}. Agent ${options.version} goes on; it is tried again in ${Math.round(wait / 1000)} s.`,
    );
    return wait;
  };

  return async (signal) => {
    await trial.run(signal);
    if (!signal.aborted) await follow(signal);
    await trial.giveBack();
  };

  /** Holds the agent against each plan that is taken. */
  async function follow(signal: AbortSignal): Promise<void> {
    if (launched !== undefined) await tidy();
    let seen: VerifiedPlan | undefined;
    let due = 0;
    while (!signal.aborted) {
      const plan = options.plan();
      if (plan !== seen) {
        seen = plan;
        failures = 0;
        due = 0;
      }
      if (plan !== undefined && clock.now() >= due) {
        try {
          due = clock.now() + (await pursue(plan, signal));
        } catch (error) {
          if (signal.aborted) return;
          if (!isWorldly(error)) throw error;
          due = clock.now() + (await failed(plan, error).catch(noted));
        }
      }
      const isSettled = await trial.settled();
      await clock.sleep(isSettled && due > clock.now() ? TICK_MS : MOMENT_MS, signal);
    }
  }

  async function tidy(): Promise<void> {
    try {
      const pointer = await readPointer(state);
      const { current, confirmed } = pointer;
      // The launcher did not take what the pointer says.
      if (launched?.slot === null && current !== null) {
        const isOld = !isNewer(current.version, launched.packaged);
        const { version, digest } = current;
        // Without this it would be fetched, switched to and passed over for ever.
        const failed = { version, digest, reason: "its launcher could not count its starts" };
        const kept = isOld || confirmed ? noSlots : { ...noSlots, failed };
        await writePointer(state, kept);
        return await tidySlots(state, kept);
      }
      await tidySlots(state, pointer);
    } catch (error) {
      noted(error);
    }
  }

  /** A disk that cannot be written is told by those who need it; here it only costs time. */
  function noted(error: unknown): number {
    if (!isWorldly(error)) throw error;
    journal("warn", { event: "update/not-recorded", reason: messageOf(error) });
    return FIRST_WAIT_MS;
  }
}

function blobIn(plan: HostPlan, digest: string): BlobSource {
  const blob = plan.blobs[digest];
  if (blob === undefined)
    throw new Failure(
      "update/no-archive",
      "the plan names an archive, and not where it can be had",
    );
  return blob;
}
