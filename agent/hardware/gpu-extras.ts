import type { Clock, Service } from "../life/life.ts";
import type { GpuSample } from "./gpu-sample.ts";
import type { ErrorCount } from "./kernel-watch.ts";
import { outputOf } from "./output.ts";

export interface GpuExtras {
  readonly service: Service;
  /** Errors of NVLinks, all links of a GPU together. */
  linkErrors(): readonly ErrorCount[];
  /** How many processes compute on a GPU, by its UUID. */
  processes(): ReadonlyMap<string, number>;
}

export interface GpuExtrasOptions {
  /** What the stream of samples tells; while it is silent nothing more is asked. */
  readonly gpus: () => readonly GpuSample[];
  readonly clock: Clock;
  readonly command?: string;
  readonly everyMs?: number;
}

const EVERY_MS = 60_000;
const LIMIT_MS = 10_000;

/**
 * What is asked for once a minute, by a tool that is started each time: the stream does not tell it. Never while the stream
 * is silent, and never again after the tool has hung.
 */
export function gpuExtras(options: GpuExtrasOptions): GpuExtras {
  const { gpus, clock, command = "nvidia-smi", everyMs = EVERY_MS } = options;
  let links: readonly ErrorCount[] = [];
  let processes: ReadonlyMap<string, number> = new Map();
  const ask = (args: readonly string[], signal: AbortSignal) =>
    outputOf(command, args, LIMIT_MS, signal);
  const nvidia = () => gpus().filter(({ driver }) => driver !== undefined);
  return {
    linkErrors: () => links,
    processes: () => processes,
    async service(signal) {
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal);
        const uuids = nvidia().map(({ uuid }) => uuid);
        if (signal.aborted || uuids.length === 0) {
          processes = new Map();
          continue;
        }
        try {
          const apps = ["--query-compute-apps=gpu_uuid,pid", "--format=csv,noheader"];
          processes = processesIn(await ask(apps, signal), uuids);
          links = linkErrorsIn(await ask(["nvlink", "-e"], signal));
        } catch (error) {
          processes = new Map();
          const isGone = ["ENOENT", "hardware/tool-hangs"].includes(codeOf(error));
          if (isGone) await clock.sleep(2 ** 31 - 1, signal);
        }
      }
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** One line a process; no line: none. */
function processesIn(text: string, uuids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map(uuids.map((uuid) => [uuid, 0]));
  for (const [, uuid = ""] of text.matchAll(/^(GPU-[\w-]+), *\d+ *$/gm)) {
    const before = counts.get(uuid);
    if (before !== undefined) counts.set(uuid, before + 1);
  }
  return counts;
}

/** `GPU 0: NAME (UUID: GPU-…)`, then `Link 0: CRC Errors: 0`. */
export function linkErrorsIn(text: string): readonly ErrorCount[] {
  const counts = new Map<string, ErrorCount>();
  let id: string | undefined;
  for (const line of text.split("\n")) {
    id = /^GPU \d+: .*\(UUID: (GPU-[\w-]+)\)/.exec(line)?.[1] ?? id;
    const [, kind, digits] = /Link \d+: (CRC|Replay|Recovery) Errors?: (\d+)/i.exec(line) ?? [];
    if (id === undefined || kind === undefined) continue;
    const error = `nvlink.${kind.toLowerCase()}`;
    const before = counts.get(`${id} ${error}`)?.count ?? 0;
    counts.set(`${id} ${error}`, { id, type: "gpu", error, count: before + Number(digits) });
  }
  return [...counts.values()];
}
