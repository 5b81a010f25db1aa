import { rm } from "node:fs/promises";
import type { Digest } from "@millwright/schema";
import type { Clock } from "../life/life.ts";
import type { Child } from "./child.ts";
import type { RunnerClient } from "./client.ts";
import { type Engine, EngineError } from "./engine.ts";
import { killLeftovers } from "./leftovers.ts";
import { tailOf } from "./log.ts";
import { type RequestShape, shapesOf } from "./shape.ts";
import { digestOfSpec, type RunnerSpec } from "./spec.ts";

/** A model instance that runs: a context over weights that others may share. */
export interface RunnerHandle {
  readonly spec: RunnerSpec;
  /** Of the specification. */
  readonly digest: Digest;
  readonly pid: number;
  /** When its process started, in milliseconds since the Unix epoch; absent: nobody knows. */
  readonly since?: number;
  /** Requests that its process had answered when it was taken over; of several handles, one counts them. */
  readonly answered?: number;
  readonly engine: Engine;
  /** Resolves when the process has ended, or its context was closed, with what is known of why. */
  readonly gone: Promise<{ readonly reason: string }>;
  /** Closes its context; with the last one the process ends, and its folder is forgotten. */
  stop(signal: AbortSignal): Promise<void>;
  /** The last lines of the engine's own log. */
  logTail(): Promise<readonly string[]>;
  /** What the last requests were like; absent: nobody knows. */
  requests?(): readonly RequestShape[];
}

/** A process of ours that holds weights, and one or more contexts over them. */
export interface Hosted {
  readonly folder: string;
  readonly client: RunnerClient;
  readonly child: Child;
  /** Its exit code or signal; unknown of a process that a former agent started. */
  readonly exited?: Promise<string>;
  /** What is open in it, or being opened: it ends with the last. */
  readonly contexts: Set<Digest>;
  /** It takes no more contexts: the last one is being stopped. */
  ending: boolean;
}

const GRACE_MS = 10_000;
const POLL_MS = 20;
const forever = new AbortController().signal;

/** The handle of one context of a process. */
export function handleOf(
  hosted: Hosted,
  spec: RunnerSpec,
  clock: Clock,
  answered?: number,
): RunnerHandle {
  const { folder, client, child } = hosted;
  const digest = digestOfSpec(spec);
  const shapes = shapesOf(() => clock.now());
  let stopping = false;
  const closed = Promise.withResolvers<{ readonly reason: string }>();
  const ended = (async () => {
    await client.closed;
    const reason = await endOf(hosted, clock);
    // A runner that was killed could not end its engine, whose memory others need.
    if (spec.engine !== undefined)
      for (const left of await killLeftovers(folder)) await hasEnded(left, clock);
    if (stopping) return { reason: "it was stopped" };
    return { reason: [reason, ...(await tailOf(folder)).slice(-3)].join(": ") };
  })();
  return {
    ...{ spec, digest },
    ...(client.since !== undefined && { since: client.since }),
    ...(answered !== undefined && { answered }),
    gone: Promise.race([closed.promise, ended]),
    pid: child.pid,
    engine: client.engineOf(digest, shapes),
    requests: shapes.list,
    logTail: () => tailOf(folder),
    async stop(signal) {
      stopping = true;
      hosted.contexts.delete(digest);
      if (hosted.contexts.size === 0) await endHosted(hosted, clock, signal);
      else await closeContext(hosted, digest, clock, signal);
      closed.resolve({ reason: "it was stopped" });
    },
  };
}

/** Ends a process whose last context is of no use any more, and forgets its folder. */
export async function endHosted(hosted: Hosted, clock: Clock, signal: AbortSignal): Promise<void> {
  const { folder, client, child } = hosted;
  hosted.ending = true;
  child.send("SIGTERM");
  const ended = new AbortController();
  void client.closed.then(() => endOf(hosted, clock)).then(() => ended.abort());
  await clock.sleep(GRACE_MS, AbortSignal.any([ended.signal, signal]));
  child.send("SIGKILL");
  client[Symbol.dispose]();
  await endOf(hosted, clock);
  for (const left of await killLeftovers(folder)) await hasEnded(left, clock);
  await rm(folder, { recursive: true, force: true });
}

async function closeContext(
  { client }: Hosted,
  digest: Digest,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const late = new AbortController();
  const done = new AbortController();
  void clock.sleep(GRACE_MS, AbortSignal.any([done.signal, signal])).then(() => late.abort());
  try {
    await client.close(digest, late.signal);
  } catch (error) {
    // The process has ended, or does not listen: there is nothing to close, or nobody who would.
    if (!(error instanceof EngineError)) throw error;
  } finally {
    done.abort();
  }
}

/** How it ended. The connection ends before the process; one that lives on without its connection is of no use. */
async function endOf({ child, exited }: Hosted, clock: Clock): Promise<string> {
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
