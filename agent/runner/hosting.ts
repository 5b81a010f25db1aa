import { rm } from "node:fs/promises";
import type { Digest } from "@millwright/schema";
import { type Clock, Failure, messageOf } from "../life/life.ts";
import { EngineError } from "./engine.ts";
import { endHosted, type Hosted, handleOf, hasEnded, type RunnerHandle } from "./handle.ts";
import { lastWords } from "./log.ts";
import { digestOfSpec, type RunnerSpec, weightsOf } from "./spec.ts";

/** The processes that hold weights, found by what they hold. */
export interface Hosting {
  /**
   * A handle of a context for this specification: opened over weights that are here or are being loaded, else of the
   * process that `launch` starts. Throws Failure.
   */
  start(
    spec: RunnerSpec,
    launch: () => Promise<Hosted>,
    signal: AbortSignal,
  ): Promise<{ readonly handle: RunnerHandle; readonly shared: boolean }>;
  /** A process that a former agent left, with what is open in it. */
  take(hosted: Hosted, specs: readonly RunnerSpec[]): readonly RunnerHandle[];
  /** Whether a process that lives, or is being started, has its folder here. */
  isAt(folder: string): boolean;
}

const forever = new AbortController().signal;

export function hostingOf(clock: Clock): Hosting {
  /** `undefined` is what becomes of a launch that fails: whoever waited for it looks again. */
  const processes = new Map<Digest, Promise<Hosted | undefined>>();
  const folders = new Set<string>();

  /** Known until it ends. */
  const keep = (hosted: Hosted, weights: Digest, promise: Promise<Hosted | undefined>) => {
    folders.add(hosted.folder);
    void hosted.client.closed.then(() => {
      folders.delete(hosted.folder);
      if (processes.get(weights) === promise) processes.delete(weights);
    });
  };

  const launched = async (
    spec: RunnerSpec,
    weights: Digest,
    launch: () => Promise<Hosted>,
  ): Promise<RunnerHandle> => {
    const launching = launch();
    const promise = launching.catch(() => undefined);
    processes.set(weights, promise);
    try {
      const hosted = await launching;
      keep(hosted, weights, promise);
      return handleOf(hosted, spec, clock);
    } catch (error) {
      if (processes.get(weights) === promise) processes.delete(weights);
      throw error;
    }
  };

  return {
    isAt: (folder) => folders.has(folder),
    take(hosted, specs) {
      const [first] = specs;
      if (first === undefined) return [];
      const weights = weightsOf(first);
      const promise = Promise.resolve(hosted);
      if (hosted.client.contexts !== undefined) processes.set(weights, promise);
      keep(hosted, weights, promise);
      return specs.map((spec, index) =>
        handleOf(hosted, spec, clock, index === 0 ? hosted.client.answered : undefined),
      );
    },
    async start(spec, launch, signal) {
      const weights = weightsOf(spec);
      for (;;) {
        const known = processes.get(weights);
        if (known === undefined) break;
        const hosted = await orAborted(known, signal);
        if (hosted !== undefined && !hosted.ending && !hosted.client.lost())
          return { handle: await opened(hosted, spec, clock, signal), shared: true };
        if (processes.get(weights) === known) processes.delete(weights);
      }
      return { handle: await launched(spec, weights, launch), shared: false };
    },
  };
}

/** Opens a context in a process that holds the weights. */
async function opened(
  hosted: Hosted,
  spec: RunnerSpec,
  clock: Clock,
  signal: AbortSignal,
): Promise<RunnerHandle> {
  const digest = digestOfSpec(spec);
  // From now on the process does not end because another context is closed.
  hosted.contexts.add(digest);
  try {
    await hosted.client.open(spec, signal);
    return handleOf(hosted, spec, clock);
  } catch (error) {
    hosted.contexts.delete(digest);
    // A process that aborted has more to say than that its connection is gone.
    if (hosted.client.lost()) await hasEnded(hosted.child, clock);
    const words = await lastWords(hosted.folder);
    if (hosted.contexts.size === 0) {
      await endHosted(hosted, clock, signal);
      await rm(hosted.folder, { recursive: true, force: true });
    } else void hosted.client.close(digest, forever).catch(() => undefined);
    signal.throwIfAborted();
    if (!(error instanceof EngineError)) throw error;
    const how = hosted.client.lost() ? ` (${(await hosted.exited) ?? "the process ended"})` : "";
    throw new Failure(
      "runner/load-failed",
      `The engine opened no context over the weights that it holds${how}: ${messageOf(error)} ${words}`,
      { cause: error },
    );
  }
}

/** Waits no longer than whoever asks. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const give = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", give, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", give);
  }
}
