import { parseJson, readerOf } from "@millwright/schema";
import { ApplyLine, counterOf } from "../bundle/bundle.ts";
import { lockState, openState, readIdentity } from "../disk/disk.ts";
import { conditionsOf, Failure, silentJournal, systemClock } from "../life/life.ts";
import { storeIn } from "../store/store.ts";
import { openTrust } from "../trust/trust.ts";
import { readRunning } from "./running.ts";
import type { Terminal } from "./terminal.ts";

const readLine = readerOf(ApplyLine);
const MAX_LINE = 65_536;
type Show = (line: ApplyLine) => void;

/** Hands the bundle to the agent that runs, which alone writes to its state folder; `undefined` when none runs. */
export async function askRunning(
  state: string,
  folder: string,
  show: Show,
  signal: AbortSignal,
): Promise<ApplyLine | undefined> {
  const running = await readRunning(state);
  if (running === undefined) return undefined;
  const { local, token = "" } = running;
  const response = await fetch(`http://${local}/apply`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ folder }),
    signal,
  }).catch((cause: unknown) => {
    signal.throwIfAborted();
    // Nobody listens there: it has stopped. Any other silence may be an agent that must not be written past.
    if (isRefused(cause)) return undefined;
    throw new Failure(
      "cli/no-answer",
      `The agent of ${state} does not answer on ${local}. Look at its log; stop it, or start it again, then apply once more.`,
      { cause },
    );
  });
  if (response === undefined) return undefined;
  if (!response.ok || response.body === null) throw notOurs(local, response.status);
  let last: ApplyLine | undefined;
  for await (const line of linesOf(response.body)) {
    const reading = readLine(parseJson(line));
    if (!reading.ok) throw notOurs(local, response.status);
    last = reading.value;
    show(last);
  }
  if (last !== undefined && last.kind !== "progress") return last;
  throw new Failure(
    "cli/cut-off",
    `The agent of ${state} stopped while it took the bundle. Start it, and apply once more.`,
  );
}

/** Proves and remembers the bundle where no agent runs: the next one begins with it. */
export async function applyAlone(
  root: string,
  folder: string,
  show: Show,
  terminal: Terminal,
): Promise<ApplyLine> {
  const state = await openState(root);
  // An agent that starts this very moment must not write over what is applied, nor this over what it accepts.
  using _ = lockState(state);
  const { host, publicKey } = await readIdentity(state);
  const clock = { ...systemClock, now: terminal.now };
  const journal = silentJournal;
  const conditions = conditionsOf(clock);
  const means = { state, clock, journal, conditions };
  const trust = await openTrust({ ...means, self: { host, publicKey } });
  const store = storeIn({ ...means, hub: () => undefined });
  return counterOf({ ...means, trust, store })(folder, show, terminal.signal);
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const part of body) {
    text += decoder.decode(part, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    // Whatever listens there need not be an agent.
    if (text.length > MAX_LINE) throw new Failure("cli/other-version", "A line is too long.");
    yield* lines;
  }
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}

function notOurs(local: string, status: number): Failure {
  return new Failure(
    "cli/other-version",
    `What answers on ${local} is no agent of this version and this state folder (it said ${status}). If the agent was upgraded, restart it.`,
  );
}
