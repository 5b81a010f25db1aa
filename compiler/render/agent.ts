import type { HostPlan } from "@millwright/schema";
import type { AgentPackage } from "../lock/lock.ts";

/** The agent that the host is to run, with its archive for each processor; the host takes its own. */
export function agentOf(agents: readonly AgentPackage[]): Pick<HostPlan, "agent"> {
  const [first] = agents;
  if (first === undefined) return {};
  const packages = Object.fromEntries(agents.map(({ processor, digest }) => [processor, digest]));
  return { agent: { version: first.version, packages } };
}
