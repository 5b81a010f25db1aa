import { AgentStatus, readerOf } from "@millwright/schema";
import { Failure } from "../life/life.ts";
import { type AddCommand, stateOption } from "./context.ts";
import { readRunning } from "./running.ts";

const readStatus = readerOf(AgentStatus);

export const statusCommand: AddCommand = (program, { terminal, finish }) => {
  program
    .command("status")
    .description("say what the agent on this host runs, what it tried, and what is wrong")
    .option(...stateOption)
    .option("--json", "print the status as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  $ millwright-agent status --state /var/lib/millwright\n\nExit code 1: something is wrong.",
    )
    .action(async ({ state, json }: { state: string; json?: true }) => {
      const status = await askAgent(state);
      terminal.out(json ? `${JSON.stringify(status, null, 2)}\n` : textOf(status));
      finish(status.conditions.some(({ severity }) => severity === "error") ? 1 : 0);
    });
};

async function askAgent(state: string): Promise<AgentStatus> {
  const running = await readRunning(state);
  if (running === undefined) {
    throw new Failure(
      "cli/not-running",
      `No agent has run on ${state}. Start one with millwright-agent run --state ${state}.`,
    );
  }
  const url = `http://${running.local}/status`;
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(
    (cause: unknown) => {
      throw new Failure(
        "cli/not-running",
        `The agent of ${state} does not answer on ${running.local}: it has stopped. Start it with millwright-agent run.`,
        { cause },
      );
    },
  );
  const status = readStatus(await response.json());
  if (!status.ok)
    throw new Failure(
      "cli/other-version",
      `What answers on ${running.local} is no agent of this version.`,
    );
  return status.value;
}

function textOf({
  host,
  agent,
  slot,
  desired,
  attempted,
  running,
  gateway,
  deployments,
  conditions,
}: AgentStatus): string {
  const revision = (ref: { revision: number; plan: string } | null) =>
    ref === null ? "none" : `revision ${ref.revision} (plan ${ref.plan.slice(7, 19)})`;
  const lines = [
    `${host}, agent ${agent}${slot === undefined ? "" : ` (${slot === "package" ? "of the package" : `slot ${slot}`})`}`,
    `  desired    ${revision(desired)}`,
    `  attempted  ${revision(attempted)}${attempted === null ? "" : `: ${attempted.result}${attempted.reason === undefined ? "" : `, ${attempted.reason}`}`}`,
    `  running    ${revision(running)}`,
    `  gateway    ${gateway ?? "not listening"}`,
    ...Object.entries(deployments).map(
      ([name, { state, model, adapter, ready, instances, reason }]) =>
        `  ${name}: ${state}, ${ready} of ${instances} ready, ${model}${adapter === undefined ? "" : ` + ${adapter}`}${reason === undefined ? "" : `: ${reason}`}`,
    ),
    ...conditions.map(
      ({ severity, code, subject, message }) =>
        `  ${severity}[${code}]${subject === undefined ? "" : ` ${subject}`}: ${message}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}
