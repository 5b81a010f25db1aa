import { lstat, mkdir, readdir, readFile, readlink, realpath, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { hexOf, parseJson } from "@millwright/schema";
import { readIfThere, type StateFolder, writeAtomic } from "../disk/disk.ts";
import { type Clock, Failure, type Journal } from "../life/life.ts";
import { childOf } from "./child.ts";
import { connectTo, type RunnerClient } from "./client.ts";
import { handleOf, hasEnded, type RunnerHandle } from "./handle.ts";
import { demandReadable } from "./header.ts";
import { type Launched, launch } from "./launch.ts";
import { lastWords } from "./log.ts";
import { PID } from "./protocol.ts";
import { digestOfSpec, type RunnerSpec, readSpec } from "./spec.ts";

/** The model instances of this host, each in a process of its own. */
export interface Runners {
  /** Takes over the runners that a former agent left, and clears away what is dead, broken or half started. */
  adopt(signal: AbortSignal): Promise<readonly RunnerHandle[]>;
  /**
   * Starts an instance and returns when it is ready. Throws Failure: `runner/bad-model` before any engine has seen the
   * file, `runner/load-failed` with the engine's own last words, `runner/load-timeout`.
   */
  start(spec: RunnerSpec, signal: AbortSignal): Promise<RunnerHandle>;
}

export interface RunnersOptions {
  readonly state: StateFolder;
  readonly clock: Clock;
  readonly journal: Journal;
  /** A runner that no agent is connected to for so long ends itself: nobody will ask it again. */
  readonly aloneMs?: number;
}

const ALONE_MS = 60_000;
const POLL_MS = 20;
/** A load may take so long, and as much again for every 12 GB. */
const LOAD_MS = 60_000;
const BYTES_PER_MS = 200_000;

export function runnersIn(options: RunnersOptions): Runners {
  const { state, clock, journal, aloneMs = ALONE_MS } = options;
  return {
    async adopt(signal) {
      const names = await readdir(state.runners);
      const handles = await Promise.all(
        names.map(async (name) => {
          const folder = join(state.runners, name);
          const handle = await adoptOne(folder, clock, signal);
          if (handle === undefined) await clearAway(folder, clock);
          return handle ?? [];
        }),
      );
      return handles.flat().map((handle) => {
        const { deployment } = handle.spec;
        journal("info", { event: "runner/adopted", deployment, pid: handle.pid });
        return handle;
      });
    },

    async start(spec, signal) {
      await demandReadable(spec.model.path);
      if (spec.adapter !== undefined) await demandReadable(spec.adapter.path);
      const digest = digestOfSpec(spec);
      const folder = join(state.runners, hexOf(digest).slice(0, 16));
      await clearAway(folder, clock);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeAtomic(join(folder, "spec.json"), JSON.stringify(spec));
      const started = clock.now();
      const launched = await launch(folder, spec, { state, aloneMs, clock });
      const client = await whenReady(folder, launched, await loadLimit(spec), clock, signal);
      const { child, exited } = launched;
      const { deployment } = spec;
      const ms = clock.now() - started;
      journal("info", { event: "runner/started", deployment, pid: child.pid, ms });
      return handleOf({ folder, spec, digest, client, child, exited }, clock);
    },
  };
}

async function adoptOne(
  folder: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<RunnerHandle | undefined> {
  // Anything may lie here after a crash or by an operator's hand: what cannot be read as a runner is none.
  if (!(await isFolder(folder))) return undefined;
  const text = await readIfThere(join(folder, "spec.json"));
  const spec = readSpec(parseJson(text?.toString("utf8") ?? ""));
  if (!spec.ok) return undefined;
  const client = await connectTo(folder, clock, signal);
  if (client === undefined) return undefined;
  const digest = digestOfSpec(spec.value);
  if (client.digest !== digest) {
    client[Symbol.dispose]();
    return undefined;
  }
  const child = childOf(client.pid);
  return handleOf({ folder, spec: spec.value, digest, client, child }, clock);
}

/** Removes a runner's folder, and ends the process that may still work in it: it would hold memory that others need. */
async function clearAway(folder: string, clock: Clock): Promise<void> {
  const found = await lstat(folder).catch(() => undefined);
  if (found?.isDirectory()) await endWorkIn(folder, clock);
  await rm(folder, { recursive: true, force: true });
}

async function endWorkIn(folder: string, clock: Clock): Promise<void> {
  const pid = Number(await readFile(join(folder, PID), "utf8").catch(() => ""));
  if (!Number.isSafeInteger(pid) || pid < 2) return;
  const child = childOf(pid);
  // The number may be somebody else's by now: a runner works in its own folder, and nobody else does.
  const place = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (place === undefined || place !== (await realpath(folder))) return;
  child.send("SIGKILL");
  await hasEnded(child, clock);
}

async function loadLimit({ model }: RunnerSpec): Promise<number> {
  return LOAD_MS + (await stat(model.path)).size / BYTES_PER_MS;
}

async function whenReady(
  folder: string,
  { child, exited, hasExited }: Launched,
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<RunnerClient> {
  const deadline = clock.now() + limitMs;
  try {
    while (!hasExited()) {
      signal.throwIfAborted();
      const client = await connectTo(folder, clock, signal);
      if (client !== undefined) return client;
      if (clock.now() > deadline)
        throw new Failure(
          "runner/load-timeout",
          `The model was not ready after ${Math.round(limitMs / 1000)} s. ${await lastWords(folder)}`,
        );
      await clock.sleep(POLL_MS, signal);
    }
    throw new Failure(
      "runner/load-failed",
      `The engine did not load the model (${await exited}): ${await lastWords(folder)}`,
    );
  } catch (error) {
    child.send("SIGKILL");
    await exited;
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** False, too, of what went while we looked: a runner that ends takes its folder away. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
