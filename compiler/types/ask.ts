import { type ChildProcessByStdio, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import type { Readable, Writable } from "node:stream";
import { Failure } from "../failure.ts";
import type { Tsc } from "./compiler.ts";
import { converse, Ended, fileQuestions } from "./converse.ts";
import { type Given, ROOT } from "./given.ts";
import { guard, type Stopped, type TypeLimits } from "./guard.ts";
import type { TscDiagnostic } from "./tsc-diagnostic.ts";

/** What tsc has to say, or why it did not come to say it. */
export type Said =
  | { readonly kind: "said"; readonly found: readonly TscDiagnostic[] }
  | { readonly kind: "stopped"; readonly why: Stopped };

/**
 * Starts tsc, asks it for the errors of a program, and ends it. Throws Failure when it cannot be started, and what
 * `signal` says when that aborts; either way nothing is left running.
 */
export async function ask(
  given: Given,
  tsc: Tsc,
  limits: TypeLimits,
  signal: AbortSignal,
): Promise<Said> {
  signal.throwIfAborted();
  const child = start(tsc, limits);
  // Writing to one that has died fails; that it has died is learned from what it no longer says.
  child.stdin.on("error", () => child.stdout.destroy());
  const watched = guard(child, limits, signal);
  try {
    return { kind: "said", found: await Promise.race([converse(child, given), refused(child)]) };
  } catch (cause) {
    signal.throwIfAborted();
    // A definition that makes tsc say too much, or that brings it down, must not bring us down.
    if (cause instanceof RangeError) return { kind: "stopped", why: "size" };
    if (cause instanceof Ended) return { kind: "stopped", why: watched.stopped() ?? "crash" };
    throw cause;
  } finally {
    watched.end();
    child.stdin.destroy();
    child.stdout.destroy();
  }
}

function start(
  { executable }: Tsc,
  { memory }: TypeLimits,
): ChildProcessByStdio<Writable, Readable, null> {
  const args = ["--api", "--async", "--cwd", ROOT, `--callbacks=${fileQuestions.join(",")}`];
  return spawn(executable, args, {
    // A folder that surely exists; none of it is read.
    cwd: "/",
    // Nothing of our environment. Memory is collected late, and often only when it comes near the limit.
    env: {
      GOGC: "400",
      GOMEMLIMIT: String(Math.floor(memory * 0.75)),
      GOMAXPROCS: String(Math.min(4, availableParallelism())),
    },
    stdio: ["pipe", "pipe", "ignore"],
    // A process group of its own, so that all of it can be stopped.
    detached: true,
  });
}

function refused(child: ReturnType<typeof start>): Promise<never> {
  return new Promise((_, reject) => {
    child.once("error", (cause) =>
      reject(
        new Failure(
          "types/no-tsc",
          `The type checker does not start: ${child.spawnfile}. Run npm install, or leave type errors out with --no-types.`,
          { cause },
        ),
      ),
    );
  });
}
