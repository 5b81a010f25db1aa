/** A real agent in this process, on the clock of a world. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AgentStatus, readerOf } from "@millwright/schema";
import { runAgent } from "../../agent/agent.ts";
import { type Clock, systemChance } from "../../agent/life/life.ts";
import { until } from "./until-kit.ts";

const readStatus = readerOf(AgentStatus);

export interface AgentHere {
  /** Its log, a line an event. */
  readonly log: readonly string[];
  status(): Promise<AgentStatus>;
  /** The answer of the model, through the gateway. */
  ask(): Promise<string>;
  /** Stops it. Throws what it ended with. */
  end(): Promise<void>;
}

/** Resolves when it listens. */
export async function startAgent(state: string, clock: Clock): Promise<AgentHere> {
  const log: string[] = [];
  const end = new AbortController();
  const agent = runAgent(
    {
      ...{ state, local: { host: "127.0.0.1", port: 0 }, clock, leaveRunning: () => false },
      // Short waits before a new attempt.
      chance: { ...systemChance, fraction: () => 0.001 },
      journal: (severity, event) => log.push(JSON.stringify({ severity, ...event })),
    },
    end.signal,
  );
  let isOver = false;
  // Looked at when it is stopped; until then a failure must not count as unhandled.
  agent
    .catch(() => undefined)
    .finally(() => {
      isOver = true;
    });
  const running = join(state, "running.json");
  const local = async () => {
    const said = JSON.parse(await readFile(running, "utf8")) as { pid: number; local: string };
    return said.local;
  };
  const status = async () => statusIn(await (await fetch(`http://${await local()}/status`)).json());
  await until("the agent answers", async () => {
    if (isOver) await agent;
    return (
      existsSync(running) &&
      (await status().then(
        () => true,
        () => false,
      ))
    );
  });
  return {
    ...{ log, status },
    async ask() {
      const response = await fetch(`http://${(await status()).gateway}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          ...{ model: "triage", temperature: 0, max_tokens: 6 },
          messages: [{ role: "user", content: "My parcel 4821 has not arrived. Ana" }],
        }),
      });
      const body = (await response.json()) as { choices?: { message: { content: string } }[] };
      const text = body.choices?.[0]?.message.content;
      if (text === undefined) throw new Error(`no answer but ${JSON.stringify(body)}`);
      return text;
    },
    async end() {
      end.abort();
      await agent;
    },
  };
}

export function statusIn(value: unknown): AgentStatus {
  const reading = readStatus(value);
  if (!reading.ok) throw new Error("the status is not what the schema says");
  return reading.value;
}
