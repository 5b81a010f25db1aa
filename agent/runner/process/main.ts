/**
 * A runner: the process that holds one model instance. Started in its own folder, which holds `spec.json`.
 * A crash of the engine ends this process and nothing else.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { SOCKET } from "../protocol.ts";
import { digestOfSpec, readSpec } from "../spec.ts";
import { chatFormatOf } from "./chat.ts";
import { embedderOf } from "./embed.ts";
import { load } from "./load.ts";
import { sequencesOf } from "./sequences.ts";
import { serve } from "./serve.ts";

/** A runner that hears from no agent for so long ends itself: nobody will ask it again. */
const ALONE_MS = 60_000;

const spec = readSpec(JSON.parse(readFileSync("spec.json", "utf8")));
if (!spec.ok) throw new Error("impossible: the agent wrote a specification that it cannot read");

const log: string[] = [];
const said = (line: string) => {
  if (line === "") return;
  process.stderr.write(`${line}\n`);
  log.push(line);
  if (log.length > 40) log.shift();
};

const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
// Ctrl-C at a terminal reaches the whole group; when to stop is the agent's decision.
process.on("SIGINT", () => undefined);

try {
  const loaded = await load(spec.value, said);
  rmSync(SOCKET, { force: true });
  const { context, parallel, threads } = spec.value;
  let alone = new AbortController();
  const waitAlone = async (signal: AbortSignal) => {
    await delay(ALONE_MS, undefined, { signal, ref: false }).then(
      () => stop.abort(),
      // An agent came.
      () => undefined,
    );
  };
  void waitAlone(alone.signal);
  await serve(
    {
      digest: digestOfSpec(spec.value),
      generator: {
        model: loaded.model,
        sequences: sequencesOf(loaded.context, parallel),
        format: chatFormatOf(loaded.model),
        context,
      },
      embedder: embedderOf(loaded.model, context, threads),
    },
    (count) => {
      alone.abort();
      alone = new AbortController();
      if (count === 0) void waitAlone(alone.signal);
    },
    stop.signal,
  );
  rmSync(SOCKET, { force: true });
  // Nothing to save: the system takes the memory back faster than the engine would give it.
  process.exit(0);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  writeFileSync("failure.json", JSON.stringify({ reason, log: log.slice(-10) }));
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}
