/** A host's runners in a temporary state folder, with the tiny models of the example. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf } from "@millwright/schema";
import { onTestFinished } from "vitest";
import { openState, type StateFolder } from "../../agent/disk/disk.ts";
import { silentJournal, systemClock } from "../../agent/life/life.ts";
import {
  type Engine,
  type GenerateRequest,
  type RunnerHandle,
  type RunnerSpec,
  type Runners,
  runnersIn,
  type Usage,
} from "../../agent/runner/runner.ts";

export const models = join(import.meta.dirname, "../../factories/models");
export const triage = join(models, "mail-triage.gguf");
export const sqlWriter = join(models, "sql-writer.gguf");
export const care = join(models, "mail-triage-care-lora.gguf");

/** A parcel that is late, in the customer's words and in the model's. */
export const mail = "Hi team, my parcel 4821 has not arrived. Regards, Ana";
export const line = "Ana: parcel 4821 is late. Team: logistics.";

export const never: AbortSignal = new AbortController().signal;

export interface Host extends Runners {
  readonly state: StateFolder;
}

/** `nested`: folders of 40 letters between the temporary folder and the state. */
export async function host(nested = 0): Promise<Host> {
  const { host, end } = await openHost(nested);
  onTestFinished(end);
  return host;
}

/** For `beforeAll`, which returns `end`. */
export async function openHost(nested = 0): Promise<{ host: Host; end(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), "mw-runner-"));
  const deep = Array.from({ length: nested }, () => "a".repeat(40));
  const state = await openState(join(root, ...deep));
  const runners = runnersIn({ state, clock: systemClock, journal: silentJournal });
  return {
    host: { ...runners, state },
    async end() {
      for (const handle of await runners.adopt(never)) await handle.stop(AbortSignal.abort());
      await rm(root, { recursive: true, force: true });
    },
  };
}

export function specOf(changes: Partial<RunnerSpec> = {}): RunnerSpec {
  const path = changes.model?.path ?? triage;
  return {
    deployment: "triage",
    replica: 0,
    model: artifact(path),
    context: 1024,
    parallel: 2,
    threads: 1,
    gpus: [],
    ...changes,
  };
}

export function artifact(path: string): RunnerSpec["model"] {
  return { digest: digestOf(readFileSync(path)), path };
}

/** One runner for a test, stopped when it ends. */
export async function runner(changes: Partial<RunnerSpec> = {}): Promise<RunnerHandle> {
  return (await host()).start(specOf(changes), never);
}

export interface Answer {
  readonly text: string;
  readonly pieces: readonly string[];
  /** What was called, with the arguments as they were written. */
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly finishReason: "stop" | "length";
  readonly usage: Usage;
}

export type Settings = Omit<GenerateRequest, "prompt">;

export function answer(engine: Engine, input: string, settings: Settings = {}): Promise<Answer> {
  const messages = [{ role: "user", content: input }];
  return collect(engine, { ...settings, prompt: { kind: "chat", messages } });
}

export function complete(engine: Engine, text: string, settings: Settings = {}): Promise<Answer> {
  return collect(engine, { ...settings, prompt: { kind: "text", text } });
}

export async function collect(
  engine: Engine,
  request: GenerateRequest,
  signal: AbortSignal = never,
): Promise<Answer> {
  const pieces: string[] = [];
  const calls: { name: string; arguments: string }[] = [];
  for await (const event of engine.generate(request, signal)) {
    if (event.kind === "text") pieces.push(event.text);
    else if (event.kind === "tool-call") {
      const { name = "", arguments: before } = calls[event.call] ?? { arguments: "" };
      calls[event.call] = { name: event.name ?? name, arguments: before + event.arguments };
    } else return { ...event, pieces, calls, text: pieces.join("") };
  }
  throw new Error("the answer had no end");
}

/** The code of the EngineError or Failure that a promise ends with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
  throw new Error("it did not fail");
}
