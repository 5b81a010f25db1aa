import { resolve } from "node:path";
import { Failure } from "../life/life.ts";
import { type AddCommand, stateOption } from "./context.ts";

interface Options {
  readonly state: string;
  readonly local: string;
  readonly engines?: string;
  readonly stopModels?: true;
}

const example = `
Example:
  $ millwright-agent run --state /var/lib/millwright

The log goes to stdout, one line of JSON an event. Models are processes of their own: when the agent is told to stop
(SIGTERM) they go on for a minute, so that an agent that is restarted or upgraded takes them over. With --stop-models
they are stopped with it.

Plans may name programs that hold models: vLLM, SGLang, llama-server. Only those that --engines lists are started: one a
line, by its path, with the arguments that must follow it.

GPUs are watched through nvidia-smi. With MILLWRIGHT_GPU_PROBE=nvml in the environment the library is asked instead,
which tells energy and traffic as well, and takes 65 MB more.`;

export const runCommand: AddCommand = (program, { terminal, finish }) => {
  program
    .command("run")
    .description("run the agent: follow the hub, run the models of the plan, answer tasks")
    .option(...stateOption)
    .option(
      "--local <address>",
      "where /status and /metrics are, for this machine alone",
      "127.0.0.1:7431",
    )
    .option(
      "--engines <file>",
      "where the host's operator lists the programs of plans; /etc/millwright/engines when absent",
    )
    .option("--stop-models", "stop the models when the agent stops")
    .option("--json", "the log is JSON in any case")
    .addHelpText("after", example)
    .action(async ({ state, local, engines, stopModels }: Options) => {
      const { pino } = await import("pino");
      const { runAgent } = await import("../agent.ts");
      const { systemChance, systemClock } = await import("../life/life.ts");
      const { pinoJournal } = await import("./journal.ts");
      const { supervisorOf } = await import("../service/service.ts");
      const { keepWords, launchedIn } = await import("../update/update.ts");
      // There only when Node was told so, as the launcher does.
      const { gc } = globalThis;
      const hard = { type: "major", execution: "sync", flavor: "last-resort" } as const;
      const journal = pinoJournal(pino.destination(1));
      const launched = launchedIn(terminal.env);
      const ending = await runAgent(
        {
          state: resolve(terminal.cwd, state),
          local: addressOf(local),
          ...(engines !== undefined && { engines: resolve(terminal.cwd, engines) }),
          clock: systemClock,
          chance: systemChance,
          journal,
          leaveRunning: () => stopModels !== true,
          supervisor: supervisorOf(terminal.env, journal),
          ...(launched !== undefined && { launched }),
          ...(gc !== undefined && { collect: () => void gc({ ...hard }) }),
        },
        terminal.signal,
      ).catch(async (error: unknown) => {
        if (launched?.isTrial === true) await keepWords(resolve(terminal.cwd, state), error);
        throw error;
      });
      if (ending === "relaunch" && launched !== undefined) terminal.relaunch?.(launched);
      finish(0);
    });
};

/** Loopback only: status and metrics are not for others. */
function addressOf(text: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new Failure(
      "cli/bad-option",
      `--local ${text}: write a loopback address and a port, such as 127.0.0.1:7431.`,
    );
  }
  return { host: host.replaceAll(/[[\]]/g, ""), port: Number(port) };
}
