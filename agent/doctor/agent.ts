import { agentOn } from "./agent-on.ts";
import { type Check, fail, ok, type Symptom, warn } from "./finding.ts";

/** What the agent that runs complains of: what only it can see, such as another machine with its name. */
export const checkAgent: Check = async ({ state }, signal) => {
  const agent = await agentOn(state, signal);
  if (agent === undefined)
    return [warn("No agent runs here.", "Run systemctl start millwright-agent.")];
  const { conditions, host } = agent.status;
  const told = conditions.flatMap(({ severity, code, message }): Symptom[] => {
    const cure = `The agent says so itself, as ${code}; millwright-agent status tells when it is over.`;
    if (severity === "info") return [];
    return [severity === "error" ? fail(message, cure) : warn(message, cure)];
  });
  return told.length === 0 ? [ok(`the agent of ${host} has nothing to complain of`)] : told;
};
