import { lstat, mkdir, readdir, readFile, readlink, realpath, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, hexOf, parseJson } from "@millwright/schema";
import { readIfThere, type StateFolder, writeAtomic } from "../disk/disk.ts";
import { type Clock, Failure, type Journal } from "../life/life.ts";
import { allowedProgram, ENGINES } from "./allowed.ts";
import { type Child, childOf } from "./child.ts";
import { connectTo, type RunnerClient } from "./client.ts";
import { type Hosted, hasEnded, type RunnerHandle } from "./handle.ts";
import { demandReadable } from "./header.ts";
import { hostingOf } from "./hosting.ts";
import { type Launched, launch } from "./launch.ts";
import { killLeftovers } from "./leftovers.ts";
import { lastWords } from "./log.ts";
import { PID, PROGRAM, PROGRESS } from "./protocol.ts";
import { digestOfSpec, type RunnerSpec, readSpec } from "./spec.ts";

/** The model instances of this host, in processes of their own; those that differ in their adapter alone share one. */
export interface Runners {
  /**
   * Takes over the runners that a former agent left, and clears away what is dead or broken. What still loads its
   * model is left for `start` when its specification is wanted: minutes of loading would be lost.
   */
  adopt(
    signal: AbortSignal,
    isWanted?: (specification: Digest) => boolean,
  ): Promise<readonly RunnerHandle[]>;
  /**
   * Starts an instance, or waits for one that a former agent started, and returns when it is ready; `progress` is told
   * how much of the model is loaded. Where a process holds its weights already, a context is opened there, which loads
   * nothing but the adapter. Throws Failure: `runner/bad-model` before any engine has seen the file,
   * `runner/engine-not-allowed`, `runner/load-failed` with the engine's own last words, `runner/load-timeout`.
   */
  start(
    spec: RunnerSpec,
    signal: AbortSignal,
    progress?: (percent: number) => void,
  ): Promise<RunnerHandle>;
}

export interface RunnersOptions {
  readonly state: StateFolder;
  readonly clock: Clock;
  readonly journal: Journal;
  /** A runner that no agent is connected to for so long ends itself: nobody will ask it again. */
  readonly aloneMs?: number;
  /** The file in which the host's operator lists the programs that plans may start. */
  readonly engines?: string | undefined;
}

const ALONE_MS = 60_000;
const POLL_MS = 20;
/** A load may take so long, and as much again for every 12 GB. */
const LOAD_MS = 60_000;
const BYTES_PER_MS = 200_000;
/** External engines compile kernels first, and try out their memory. */
const EXTERNAL_MS = 600_000;

export function runnersIn(options: RunnersOptions): Runners {
  const { state, clock, journal, aloneMs = ALONE_MS, engines = ENGINES } = options;
  const hosting = hostingOf(clock);
  const fresh = async (folder: string, spec: RunnerSpec): Promise<Launched> => {
    const program = spec.engine && (await allowedProgram(spec.engine.command, engines));
    await clearAway(folder, clock);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeAtomic(join(folder, "spec.json"), JSON.stringify(spec));
    if (program !== undefined) await writeAtomic(join(folder, PROGRAM), `${program}\n`);
    return launch(folder, spec, { state, aloneMs, clock });
  };
  /** Where a process for this specification works: not where one still lives that was started for it before. */
  const folderOf = (digest: Digest): string => {
    const name = join(state.runners, hexOf(digest).slice(0, 16));
    let folder = name;
    for (let count = 1; hosting.isAt(folder); count += 1) folder = `${name}${count.toString(16)}`;
    return folder;
  };
  return {
    async adopt(signal, isWanted = () => false) {
      const names = await readdir(state.runners);
      const handles = await Promise.all(
        names.map(async (name) => {
          const folder = join(state.runners, name);
          const found = await findIn(folder, clock, signal);
          if (found !== undefined) return hosting.take(found.hosted, found.specs);
          if (!(await isLoading(folder, isWanted))) await clearAway(folder, clock);
          return [];
        }),
      );
      return handles.flat().map((handle) => {
        const { deployment } = handle.spec;
        journal("info", { event: "runner/adopted", deployment, pid: handle.pid });
        return handle;
      });
    },

    async start(spec, signal, progress = () => {}) {
      await demandReadable(spec.model.path);
      if (spec.adapter !== undefined) await demandReadable(spec.adapter.path);
      const digest = digestOfSpec(spec);
      const started = clock.now();
      const load = async (): Promise<Hosted> => {
        const folder = folderOf(digest);
        const isHere = await isLoading(folder, (other) => other === digest);
        const launched = (isHere ? await leftIn(folder) : undefined) ?? (await fresh(folder, spec));
        const limitMs = await loadLimit(spec);
        const client = await whenReady(folder, launched, { limitMs, clock, progress, signal });
        const { child, exited } = launched;
        const contexts = new Set([digest]);
        return { folder, client, child, contexts, ending: false, ...(exited && { exited }) };
      };
      const { handle, shared } = await hosting.start(spec, load, signal);
      const { deployment } = spec;
      const ms = clock.now() - started;
      journal("info", {
        ...{ event: "runner/started", deployment, pid: handle.pid, ms },
        ...(shared && { shared }),
      });
      return handle;
    },
  };
}

/** The process of a folder, and what is open in it. */
async function findIn(
  folder: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly hosted: Hosted; readonly specs: readonly RunnerSpec[] } | undefined> {
  const spec = await specIn(folder);
  if (spec === undefined) return undefined;
  const client = await connectTo(folder, clock, signal);
  if (client === undefined) return undefined;
  // One that was told to do something else than what is written here is not known.
  const isKnown = client.digest === "" || client.digest === digestOfSpec(spec);
  const specs = client.contexts ?? [spec];
  if (!isKnown || specs.length === 0) {
    client[Symbol.dispose]();
    return undefined;
  }
  const contexts = new Set(specs.map(digestOfSpec));
  return { hosted: { folder, client, child: childOf(client.pid), contexts, ending: false }, specs };
}

/** Anything may lie here after a crash or by an operator's hand: what cannot be read as a runner is none. */
async function specIn(folder: string): Promise<RunnerSpec | undefined> {
  if (!(await isFolder(folder))) return undefined;
  const text = await readIfThere(join(folder, "spec.json"));
  const spec = readSpec(parseJson(text?.toString("utf8") ?? ""));
  return spec.ok ? spec.value : undefined;
}

/** Whether a process works here that holds, or will hold, what is wanted. */
async function isLoading(
  folder: string,
  isWanted: (specification: Digest) => boolean,
): Promise<boolean> {
  const spec = await specIn(folder);
  if (spec === undefined || !isWanted(digestOfSpec(spec))) return false;
  return (await workIn(folder)) !== undefined;
}

/** What a former agent launched here. */
async function leftIn(folder: string): Promise<Launched | undefined> {
  const child = await workIn(folder);
  return child && { child, hasExited: () => !child.isAlive() };
}

/** Removes a runner's folder, and ends the process that may still work in it: it would hold memory that others need. */
async function clearAway(folder: string, clock: Clock): Promise<void> {
  const found = await lstat(folder).catch(() => undefined);
  if (found?.isDirectory()) await endWorkIn(folder, clock);
  await rm(folder, { recursive: true, force: true });
}

async function endWorkIn(folder: string, clock: Clock): Promise<void> {
  const child = await workIn(folder);
  child?.send("SIGKILL");
  if (child !== undefined) await hasEnded(child, clock);
  for (const left of await killLeftovers(folder)) await hasEnded(left, clock);
}

/** The process that works in a runner's folder. */
async function workIn(folder: string): Promise<Child | undefined> {
  const pid = Number(await readFile(join(folder, PID), "utf8").catch(() => ""));
  if (!Number.isSafeInteger(pid) || pid < 2) return undefined;
  const child = childOf(pid);
  // The number may be somebody else's by now: a runner works in its own folder, and nobody else does.
  const place = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  return place === undefined || place !== (await realpath(folder)) ? undefined : child;
}

async function loadLimit({ model, engine }: RunnerSpec): Promise<number> {
  const least = engine === undefined ? LOAD_MS : EXTERNAL_MS;
  return engine?.probe.withinMs ?? least + (await stat(model.path)).size / BYTES_PER_MS;
}

interface Patience {
  readonly limitMs: number;
  readonly clock: Clock;
  readonly progress: (percent: number) => void;
  readonly signal: AbortSignal;
}

async function whenReady(
  folder: string,
  { child, exited, hasExited }: Launched,
  { limitMs, clock, progress, signal }: Patience,
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
      const percent = await readIfThere(join(folder, PROGRESS));
      // It may be read while it is written.
      if (percent !== undefined && percent.length > 0) progress(Number(percent));
      await clock.sleep(POLL_MS, signal);
    }
    throw new Failure(
      "runner/load-failed",
      `The engine did not load the model (${(await exited) ?? "the process ended"}): ${await lastWords(folder)}`,
    );
  } catch (error) {
    child.send("SIGKILL");
    await (exited ?? hasEnded(child, clock));
    for (const left of await killLeftovers(folder)) await hasEnded(left, clock);
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
