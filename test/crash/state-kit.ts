/** State folders of a host that has lived, and real agent processes that are started on copies of them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentStatus, readerOf } from "@millwright/schema";
import { onTestFinished } from "vitest";
import { freePort } from "../agent/link-kit.ts";
import { until } from "../attacks/until-kit.ts";

const readStatus = readerOf(AgentStatus);
const ENTRY = join(import.meta.dirname, "../../agent/cli/millwright-agent.ts");
/** Who owns nothing (Debian policy, section 9.2.2). */
export const NOBODY = 65_534;

/** A copy of a state folder, without what is left of runners. It goes when the test ends. */
export async function copyOf(state: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mw-crash-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const copy = join(folder, "state");
  await cp(state, copy, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => !path.startsWith(join(state, "runners/")) && !path.endsWith("/lock"),
  });
  // The folder of the test as well: others must be able to go through it.
  await chown(folder, NOBODY, NOBODY);
  return copy;
}

export async function give(folder: string, owner: number): Promise<void> {
  await chown(folder, owner, owner);
  for (const name of await readdir(folder, { recursive: true }))
    await chown(join(folder, name), owner, owner);
}

export interface AgentProcess {
  readonly child: ChildProcess;
  readonly log: () => string;
  status(): Promise<AgentStatus>;
  /** Until the model answers; what it says. */
  ask(): Promise<string>;
  codes(): Promise<readonly string[]>;
  /** What it ended with. */
  ended(): Promise<{ readonly code: number | null; readonly text: string }>;
  kill(): Promise<void>;
}

/** Starts an agent as a process of its own; it is gone when the test ends. */
export async function agentOn(state: string, as?: number): Promise<AgentProcess> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [ENTRY, "run", "--state", state, "--local", `127.0.0.1:${port}`, "--stop-models"],
    {
      stdio: ["ignore", "pipe", "pipe"],
      ...(as !== undefined && { uid: as, gid: as }),
      env: { PATH: process.env["PATH"] ?? "", HOME: tmpdir() },
    },
  );
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
  const end = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await end;
  };
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await end;
    clearTimeout(late);
  });
  const agent: AgentProcess = {
    child,
    kill,
    log: () => text,
    async status() {
      const answer = await fetch(`http://127.0.0.1:${port}/status`);
      const reading = readStatus(await answer.json());
      if (!reading.ok) throw new Error("the status is not what the schema says");
      return reading.value;
    },
    codes: async () => (await agent.status()).conditions.map(({ code }) => code),
    async ask() {
      let said: string | undefined;
      await until(`the model answers:\n${text}`, async () => {
        if (child.exitCode !== null) throw new Error(`the agent ended:\n${text}`);
        said = await answerOf(agent).catch(() => undefined);
        return said !== undefined;
      });
      return said ?? "";
    },
    async ended() {
      await end;
      return { code: child.exitCode, text };
    },
  };
  return agent;
}

async function answerOf(agent: AgentProcess): Promise<string | undefined> {
  const { gateway } = await agent.status();
  const response = await fetch(`http://${gateway}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      ...{ model: "triage", temperature: 0, max_tokens: 6 },
      messages: [{ role: "user", content: "My parcel 4821 has not arrived. Ana" }],
    }),
  });
  const body = (await response.json()) as { choices?: { message: { content: string } }[] };
  return body.choices?.[0]?.message.content;
}
