import { spawn } from "node:child_process";
import { mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { hexOf, parseJson } from "@millwright/schema";
import { readIfThere, type StateFolder, writeAtomic } from "../disk/disk.ts";
import { type Clock, Failure, type Journal } from "../life/life.ts";
import { connectTo, type RunnerClient } from "./client.ts";
import { handleOf, isAlive, type RunnerHandle, tailOf } from "./handle.ts";
import { demandReadable } from "./header.ts";
import { digestOfSpec, type RunnerSpec, readSpec } from "./spec.ts";

/** The model instances of this host, each in a process of its own. */
export interface Runners {
  /** Takes over the runners that a former agent left, and clears away what is dead. */
  adopt(signal: AbortSignal): Promise<readonly RunnerHandle[]>;
  /** Starts an instance and returns when it is ready. Throws Failure with the engine's own last words. */
  start(spec: RunnerSpec, signal: AbortSignal): Promise<RunnerHandle>;
}

export interface RunnersOptions {
  readonly state: StateFolder;
  readonly clock: Clock;
  readonly journal: Journal;
}

const main = join(import.meta.dirname, "process", "main.ts");
const POLL_MS = 20;
/** A load may take so long, and as much again for every 200 MB. */
const LOAD_MS = 60_000;
const BYTES_PER_MS = 200_000;

export function runnersIn({ state, clock, journal }: RunnersOptions): Runners {
  return {
    async adopt(signal) {
      const handles: RunnerHandle[] = [];
      for (const name of await readdir(state.runners)) {
        const folder = join(state.runners, name);
        const handle = await adoptOne(folder, clock, signal);
        if (handle === undefined) await rm(folder, { recursive: true, force: true });
        else {
          journal("info", {
            event: "runner/adopted",
            deployment: handle.spec.deployment,
            pid: handle.pid,
          });
          handles.push(handle);
        }
      }
      return handles;
    },
    async start(spec, signal) {
      await demandReadable(spec.model.path);
      if (spec.adapter !== undefined) await demandReadable(spec.adapter.path);
      const digest = digestOfSpec(spec);
      const folder = join(state.runners, hexOf(digest).slice(0, 16));
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeAtomic(join(folder, "spec.json"), JSON.stringify(spec));
      const started = clock.now();
      const process = await launch(folder, spec, state);
      const client = await whenReady(folder, process, await loadLimit(spec), clock, signal);
      journal("info", {
        event: "runner/started",
        deployment: spec.deployment,
        pid: client.pid,
        ms: clock.now() - started,
      });
      return handleOf(folder, spec, digest, client, process.exited, clock);
    },
  };
}

async function adoptOne(
  folder: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<RunnerHandle | undefined> {
  const text = await readIfThere(join(folder, "spec.json"));
  const spec = readSpec(parseJson(text?.toString("utf8") ?? ""));
  if (!spec.ok) return undefined;
  const client = await connectTo(folder, signal);
  const digest = digestOfSpec(spec.value);
  if (client === undefined || client.digest !== digest) return undefined;
  return handleOf(folder, spec.value, digest, client, undefined, clock);
}

interface Launched {
  readonly pid: number;
  readonly exited: Promise<string>;
  hasExited(): boolean;
}

async function launch(folder: string, spec: RunnerSpec, state: StateFolder): Promise<Launched> {
  await using log = await open(join(folder, "log"), "a", 0o600);
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    // A process group of its own: it outlives the agent, so that a restart loads nothing again.
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      LD_LIBRARY_PATH: process.env["LD_LIBRARY_PATH"],
      // Each sequence samples on a thread of libuv's pool.
      UV_THREADPOOL_SIZE: String(Math.max(4, Math.min(64, spec.parallel + 2))),
      CUDA_VISIBLE_DEVICES: spec.gpus.join(","),
      // Compiling kernels for this GPU is done once, not at every start.
      CUDA_CACHE_PATH: join(state.root, "cuda-cache"),
      CUDA_CACHE_MAXSIZE: String(4 * 1024 ** 3),
      NODE_LLAMA_CPP_POSTINSTALL: "skip",
    },
  });
  let ended = false;
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`it could not be started: ${error.message}`));
    child.once("exit", (code, name) => {
      ended = true;
      resolve(name === null ? `exit code ${code}` : `killed by ${name}`);
    });
  });
  child.unref();
  if (child.pid === undefined)
    throw new Failure("runner/not-started", `A runner could not be started: ${await exited}.`);
  return { pid: child.pid, exited, hasExited: () => ended };
}

async function loadLimit({ model }: RunnerSpec): Promise<number> {
  return LOAD_MS + (await stat(model.path)).size / BYTES_PER_MS;
}

async function whenReady(
  folder: string,
  launched: Launched,
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<RunnerClient> {
  const deadline = clock.now() + limitMs;
  try {
    while (!launched.hasExited()) {
      signal.throwIfAborted();
      const client = await connectTo(folder, signal);
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
      `The engine did not load the model (${await launched.exited}): ${await lastWords(folder)}`,
    );
  } catch (error) {
    if (isAlive(launched.pid)) process.kill(launched.pid, "SIGKILL");
    await launched.exited;
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Why it ended, in the engine's own words: its log says more than its exception. */
async function lastWords(folder: string): Promise<string> {
  const failure = parseJson(await readFile(join(folder, "failure.json"), "utf8").catch(() => "")) as
    | { readonly reason?: string }
    | undefined;
  const lines = await tailOf(folder);
  const telling = lines
    .filter((line) => /error|fail|invalid|unsupported|assert|unknown/i.test(line))
    .slice(-3);
  return [...new Set([...(telling.length > 0 ? telling : lines.slice(-2)), failure?.reason ?? ""])]
    .filter((line) => line !== "")
    .join("; ");
}
