import { join } from "node:path";
import { AgentStatus, parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { readIfThere } from "../disk/disk.ts";

const readRunning = readerOf(Type.Object({ pid: Type.Integer(), local: Type.String() }));
const readStatus = readerOf(AgentStatus);

/** An agent that answers. */
interface Answering {
  /** Where it does. */
  readonly local: string;
  readonly status: AgentStatus;
}

/** What the agent on a state folder says of itself; `undefined` when none answers. */
export async function agentOn(state: string, signal: AbortSignal): Promise<Answering | undefined> {
  const bytes = await readIfThere(join(state, "running.json"));
  const running = readRunning(parseJson(bytes?.toString("utf8") ?? ""));
  if (!running.ok) return undefined;
  const { local } = running.value;
  const answer = await fetch(`http://${local}/status`, { signal }).catch(() => undefined);
  const status = answer?.ok ? readStatus(await answer.json()) : undefined;
  return status?.ok ? { local, status: status.value } : undefined;
}
