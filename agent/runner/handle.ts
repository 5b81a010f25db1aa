import { rm } from "node:fs/promises";
import type { Digest } from "@millwright/schema";
import type { Clock } from "../life/life.ts";
import type { Child } from "./child.ts";
import type { RunnerClient } from "./client.ts";
import type { Engine } from "./engine.ts";
import { tailOf } from "./log.ts";
import type { RunnerSpec } from "./spec.ts";

/** A model instance that runs. */
export interface RunnerHandle {
  readonly spec: RunnerSpec;
  /** Of the specification. */
  readonly digest: Digest;
  readonly pid: number;
  readonly engine: Engine;
  /** Resolves when the process has ended, with what is known of why. */
  readonly gone: Promise<{ readonly reason: string }>;
  /** Ends the process and forgets its folder. */
  stop(signal: AbortSignal): Promise<void>;
  /** The last lines of the engine's own log. */
  logTail(): Promise<readonly string[]>;
}

export interface Running {
  readonly folder: string;
  readonly spec: RunnerSpec;
  /** Of the specification. */
  readonly digest: Digest;
  readonly client: RunnerClient;
  readonly child: Child;
  /** Its exit code or signal; unknown of a process that a former agent started. */
  readonly exited?: Promise<string>;
}

const GRACE_MS = 10_000;
const POLL_MS = 20;
const forever = new AbortController().signal;

export function handleOf(running: Running, clock: Clock): RunnerHandle {
  const { folder, spec, digest, client, child } = running;
  let stopping = false;
  const gone = (async () => {
    await client.closed;
    const reason = await endOf(running, clock);
    if (stopping) return { reason: "it was stopped" };
    return { reason: [reason, ...(await tailOf(folder)).slice(-3)].join(": ") };
  })();
  return {
    ...{ spec, digest, gone },
    pid: child.pid,
    engine: client.engine,
    logTail: () => tailOf(folder),
    async stop(signal) {
      stopping = true;
      child.send("SIGTERM");
      const ended = new AbortController();
      void gone.then(() => ended.abort());
      await clock.sleep(GRACE_MS, AbortSignal.any([ended.signal, signal]));
      child.send("SIGKILL");
      client[Symbol.dispose]();
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** How it ended. The connection ends before the process; one that lives on without its connection is of no use. */
async function endOf({ child, exited }: Running, clock: Clock): Promise<string> {
  if (!(await hasEnded(child, clock))) {
    child.send("SIGKILL");
    if (!(await hasEnded(child, clock))) return "the process does not end, although it was killed";
  }
  return (await exited) ?? "the process ended";
}

/** Waits for the end of a process, 10 s at most. */
export async function hasEnded(child: Child, clock: Clock): Promise<boolean> {
  const deadline = clock.now() + GRACE_MS;
  while (child.isAlive()) {
    if (clock.now() > deadline) return false;
    await clock.sleep(POLL_MS, forever);
  }
  return true;
}
