import { spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import type { PlannedEngine } from "@millwright/schema";
import type { Clock } from "../../../life/life.ts";
import type { RunnerSpec } from "../../spec.ts";
import { argumentsOf, environmentOf } from "./words.ts";

export interface EngineProcess {
  readonly pid: number;
  /** Rejects when the engine has ended, with how. Never resolves. */
  readonly ended: Promise<never>;
  /** Asks it to end, and after a while ends it with all that it started. */
  stop(clock: Clock): Promise<void>;
}

export interface Starting {
  readonly spec: RunnerSpec;
  readonly engine: PlannedEngine;
  /** Where the program of the command lies on this host. */
  readonly program: string;
  readonly port: number;
  readonly key: string;
  /** Is told every line that the engine writes. */
  readonly said: (line: string) => void;
}

/** Less than the agent gives a runner before it kills it. */
const GRACE_MS = 7_000;
/** Characters of one line of the log: an engine may print a whole request. */
const MAX_LINE = 4_096;

/** Starts the engine in the current folder. */
export function startEngine(starting: Starting): EngineProcess {
  const { program, said } = starting;
  const child = spawn(program, argumentsOf(starting), {
    env: environmentOf(starting, process.env),
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: what it starts in turn can be ended with it.
    detached: true,
  });
  const { pid } = child;
  let over = false;
  const ended = new Promise<never>((_, reject) => {
    child.once("error", (error) => reject(new Error(`It could not be started: ${error.message}`)));
    // Not `close`: what the engine started may hold its output open for ever.
    child.once("exit", (code, name) => {
      over = true;
      reject(new Error(`The engine ended (${name === null ? `exit code ${code}` : name}).`));
    });
  });
  // It is looked at later, too.
  ended.catch(() => undefined);
  for (const output of [child.stdout, child.stderr]) relay(output, said);
  const kill = () => {
    if (pid !== undefined) signalGroup(pid);
  };
  // However this process ends: an engine alone would hold its memory for ever.
  process.once("exit", kill);
  return {
    pid: pid ?? 0,
    ended,
    async stop(clock) {
      if (!over) child.kill("SIGTERM");
      await Promise.race([
        ended.catch(() => undefined),
        clock.sleep(GRACE_MS, new AbortController().signal),
      ]);
      kill();
    },
  };
}

function signalGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // None of the group is left.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Cuts output into lines. */
function relay(output: NodeJS.ReadableStream, said: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let held = "";
  output.on("data", (chunk: Buffer) => {
    const lines = (held + decoder.write(chunk)).split(/\r?\n|\r/);
    held = (lines.pop() ?? "").slice(0, MAX_LINE);
    for (const line of lines) said(line.slice(0, MAX_LINE).trimEnd());
  });
  output.on("end", () => said(held));
}
