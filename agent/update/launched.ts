/** What the launcher tells the agent that it becomes, in the environment. */
import type { SlotName } from "./pointer.ts";

export interface Launched {
  /** How the launcher is started again: its Node, itself, its arguments. */
  readonly node: string;
  readonly launcher: string;
  readonly args: readonly string[];
  /** Where the agent lies; null: in the package. */
  readonly slot: SlotName | null;
  /** The version of the package's own agent. */
  readonly packaged: string;
  /** It has yet to show that it comes up. */
  readonly isTrial: boolean;
}

/** How an agent ended: for good, or so that its launcher starts the version that the plan names. */
export type Ending = "stopped" | "relaunch";

/**
 * What Node is told of an agent that runs for long: no more threads of V8's than it can use, 4 MB less than with four; a
 * way to have it collect when it rests. Not of this process: a Node without one of them must be found out before it
 * takes over (`proveSlot`).
 */
export const nodeOptions: readonly string[] = ["--v8-pool-size=1", "--expose-gc"];

const NAME = "MILLWRIGHT_LAUNCHED";

export function environmentOf(launched: Launched): Readonly<Record<string, string>> {
  return { [NAME]: JSON.stringify(launched) };
}

/** `undefined`: the agent was started by hand, and nobody starts it again. */
export function launchedIn(env: NodeJS.ProcessEnv): Launched | undefined {
  const text = env[NAME];
  return text === undefined ? undefined : (JSON.parse(text) as Launched);
}
