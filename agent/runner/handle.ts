import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "@millwright/schema";
import { type Clock, messageOf } from "../life/life.ts";
import type { RunnerClient } from "./client.ts";
import type { Engine } from "./engine.ts";
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

const GRACE_MS = 10_000;

export function handleOf(
  folder: string,
  spec: RunnerSpec,
  digest: Digest,
  client: RunnerClient,
  exited: Promise<string> | undefined,
  clock: Clock,
): RunnerHandle {
  const { pid } = client;
  let stopping = false;
  const gone = (async () => {
    await client.closed;
    // The connection ends before the process does: its exit code is on its way.
    const reason = (await exited) ?? "the process ended";
    return {
      reason: stopping
        ? "it was stopped"
        : [reason, ...(await tailOf(folder)).slice(-1)].join(": "),
    };
  })();
  return {
    ...{ spec, digest, pid, gone },
    engine: client.engine,
    logTail: () => tailOf(folder),
    async stop(signal) {
      stopping = true;
      send(pid, "SIGTERM");
      const ended = new AbortController();
      void gone.then(() => ended.abort());
      await clock.sleep(GRACE_MS, AbortSignal.any([ended.signal, signal]));
      if (isAlive(pid)) send(pid, "SIGKILL");
      client[Symbol.dispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The process is ours: it described itself on a socket that only this user can reach. */
export function send(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH")
      throw new Error(`cannot signal ${pid}: ${messageOf(error)}`, { cause: error });
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // ESRCH: it has ended. EPERM: the number belongs to somebody else by now.
    return false;
  }
}

const TAIL_BYTES = 8192;

export async function tailOf(folder: string): Promise<readonly string[]> {
  try {
    await using file = await open(join(folder, "log"));
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(TAIL_BYTES),
      position: Math.max(0, size - TAIL_BYTES),
    });
    return buffer
      .toString("utf8", 0, bytesRead)
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(-20);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
