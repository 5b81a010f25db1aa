import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { open } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { StateFolder } from "../disk/disk.ts";
import { type Clock, Failure } from "../life/life.ts";
import { type Child, childOf } from "./child.ts";
import { LOG } from "./log.ts";
import type { RunnerSpec } from "./spec.ts";
import { launchInUnit } from "./unit.ts";

export interface Launched {
  readonly child: Child;
  /** Its exit code or signal; unknown of a process that a former agent started. */
  readonly exited?: Promise<string>;
  hasExited(): boolean;
}

const main = join(import.meta.dirname, "process", "main.ts");

export interface LaunchOptions {
  readonly state: StateFolder;
  /** It ends itself when no agent is connected for so long. */
  readonly aloneMs: number;
  readonly clock: Clock;
}

/**
 * Starts the process of a runner in its folder: where systemd listens for that (MILLWRIGHT_RUNNER_SOCKET, which the
 * agent's unit sets) in a unit of its own, elsewhere as a child in a process group of its own.
 */
export async function launch(
  folder: string,
  spec: RunnerSpec,
  { state, aloneMs, clock }: LaunchOptions,
): Promise<Launched> {
  const { MILLWRIGHT_RUNNER_SOCKET: socket } = process.env;
  if (socket !== undefined) {
    const { gpus } = spec;
    const slot = slotOf(state);
    return launchInUnit({ socket, folder, aloneMs, threads: threadsOf(spec), gpus, slot }, clock);
  }
  await using log = await open(join(folder, LOG), "a", 0o600);
  const started = spawn(process.execPath, [main, String(aloneMs)], {
    cwd: folder,
    // A process group of its own: it outlives the agent, so that a restart loads nothing again.
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
    env: environmentOf(spec, state),
  });
  let ended = false;
  const exited = new Promise<string>((resolve) => {
    started.once("error", (error) => resolve(`it could not be started: ${error.message}`));
    started.once("exit", (code, name) => {
      ended = true;
      resolve(name === null ? `exit code ${code}` : `killed by ${name}`);
    });
  });
  started.unref();
  if (started.pid === undefined)
    throw new Failure("runner/not-started", `A runner could not be started: ${await exited}.`);
  return { child: childOf(started.pid), exited, hasExited: () => ended };
}

/** In which slot of the state folder this agent lies, if in one. */
function slotOf({ root }: StateFolder): string {
  const [top] = relative(join(realpathSync(root), "slots"), import.meta.dirname).split(sep);
  return top === "a" || top === "b" ? top : "";
}

/** Each sequence samples on a thread of libuv's pool. */
function threadsOf({ parallel }: RunnerSpec): number {
  return Math.max(4, Math.min(64, parallel + 2));
}

/** Only what an engine needs: the agent's own environment may hold secrets. For a unit, process/start.sh says the same. */
function environmentOf(spec: RunnerSpec, state: StateFolder): NodeJS.ProcessEnv {
  const { PATH, HOME, LD_LIBRARY_PATH } = process.env;
  const visible = spec.gpus.join(",");
  return {
    ...{ PATH, HOME, LD_LIBRARY_PATH },
    UV_THREADPOOL_SIZE: String(threadsOf(spec)),
    CUDA_VISIBLE_DEVICES: visible,
    GGML_VK_VISIBLE_DEVICES: visible,
    // The numbers of nvidia-smi, which the inventory reports. CUDA's own order is by speed.
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
    // Compiling kernels for this GPU is done once, not at every start.
    CUDA_CACHE_PATH: join(state.root, "cuda-cache"),
    CUDA_CACHE_MAXSIZE: String(4 * 1024 ** 3),
    // An engine that aborts would first start a debugger upon itself.
    GGML_NO_BACKTRACE: "1",
    NODE_LLAMA_CPP_POSTINSTALL: "skip",
  };
}
