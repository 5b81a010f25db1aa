import { once } from "node:events";
import { createServer } from "node:net";
import { agentOn } from "./agent-on.ts";
import { type Check, fail, ok, type Symptom } from "./finding.ts";

const uses: ReadonlyMap<number, string> = new Map([
  [7431, "status and metrics"],
  [7430, "tasks, unless the plan names another"],
]);

/** Whether the agent answers where it should; without an agent, whether its ports are free. */
export const checkPorts: Check = async ({ state }, signal) => {
  const agent = await agentOn(state, signal);
  if (agent !== undefined) {
    const { gateway } = agent.status;
    return [
      ok(`the agent answers on ${agent.local}`),
      gateway === null
        ? fail(
            "The agent's gateway listens nowhere.",
            "See millwright-agent status: without a plan there is none, and a port may be taken.",
          )
        : ok(`tasks are taken on ${gateway}`),
    ];
  }
  return await Promise.all([...uses].map(([port, use]) => free(port, use)));
};

async function free(port: number, use: string): Promise<Symptom> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return ok(`port ${port} is free (${use})`);
  } catch {
    return fail(
      `Port ${port} (${use}) is taken, and not by this agent.`,
      `See who has it: ss -ltnp 'sport = :${port}'.`,
    );
  } finally {
    server.close();
  }
}
