/**
 * A runner: the process that holds one model instance. Started in its own folder, which holds `spec.json`; its argument
 * is how many milliseconds it waits for an agent. A crash of the engine ends this process and nothing else.
 */
import { ftruncateSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { messageOf, systemClock } from "../../life/life.ts";
import { FAILURE } from "../log.ts";
import { PID, PROGRESS, SOCKET } from "../protocol.ts";
import { digestOfSpec, type RunnerSpec, readSpec } from "../spec.ts";
import type { Open } from "./backend.ts";
import { contextsOf } from "./contexts.ts";
import { volunteerForOom } from "./oom-score.ts";
import { serve } from "./serve.ts";

/** Bytes of the engine's log. Then it begins anew: engines talk at every request, and the disk is not ours alone. */
const MAX_LOG = 1024 ** 2;
/** The engine's log comes from another thread: the line that says why may come after the exception that says that. */
const LAST_WORDS_MS = 100;

volunteerForOom();
writeFileSync(PID, `${process.pid}\n`);
const spec = readSpec(JSON.parse(readFileSync("spec.json", "utf8")));
if (!spec.ok) throw new Error("impossible: the agent wrote a specification that it cannot read");

const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
// Ctrl-C at a terminal reaches the whole group; when to stop is the agent's decision.
process.on("SIGINT", () => undefined);

try {
  await run(spec.value, Number(process.argv[2]), stop);
  process.exit(0);
} catch (error) {
  if (stop.signal.aborted) process.exit(0);
  const reason = messageOf(error);
  await systemClock.sleep(LAST_WORDS_MS, stop.signal);
  process.stderr.write(`${reason}\n`);
  writeFileSync(FAILURE, JSON.stringify({ reason }));
  process.exit(1);
}

async function run(spec: RunnerSpec, aloneMs: number, stop: AbortController): Promise<void> {
  const opening = { said: logTo(MAX_LOG), progress: progress(), signal: stop.signal };
  // Each loads what it needs alone: the embedded engine's library is large, and would take hold of a GPU.
  const open: Open = spec.engine
    ? (await import("./external/external.ts")).openExternal
    : (await import("./embedded.ts")).openEmbedded;
  const backend = await open(spec, opening);
  const alone = aloneWatch(aloneMs, () => stop.abort());
  // One that was killed left it.
  rmSync(SOCKET, { force: true });
  const lost = new AbortController();
  void backend.lost?.then((reason) => lost.abort(reason));
  const over = AbortSignal.any([stop.signal, lost.signal]);
  const since = systemClock.now();
  const contexts = contextsOf(spec, backend);
  await serve({ digest: digestOfSpec(spec), contexts, since }, alone, over);
  await backend.dispose();
  lost.signal.throwIfAborted();
}

/** Writes down how much of the model is loaded, once a per cent. */
function progress(): (percent: number) => void {
  let last = 0;
  return (percent) => {
    if (percent <= last) return;
    last = percent;
    writeFileSync(PROGRESS, String(percent));
  };
}

/** Takes the lines of the engine's log. */
function logTo(most: number): (line: string) => void {
  let written = 0;
  return (line) => {
    if (line === "") return;
    written += Buffer.byteLength(line) + 1;
    if (written > most) {
      ftruncateSync(process.stderr.fd, 0);
      written = 0;
    }
    process.stderr.write(`${line}\n`);
  };
}

/** Is told how many agents are connected; calls `over` when for `ms` there was none. */
function aloneWatch(ms: number, over: () => void): (count: number) => void {
  let waiting = new AbortController();
  const wait = async ({ signal }: AbortController) => {
    await systemClock.sleep(ms, signal);
    if (!signal.aborted) over();
  };
  void wait(waiting);
  return (count) => {
    waiting.abort();
    waiting = new AbortController();
    if (count === 0) void wait(waiting);
  };
}
