/**
 * The command line on a host: `millwright-agent`.
 *
 * In: arguments and a terminal. Out: an exit code; results on stdout, talk on stderr.
 * Promise: never touches the process it runs in, so tests call it as a function.
 */
import { visibleLines } from "@millwright/schema";
import { Command, CommanderError } from "commander";
import { Failure } from "../life/life.ts";
import manifest from "../package.json" with { type: "json" };
import { applyCommand } from "./apply-command.ts";
import type { Context } from "./context.ts";
import { doctorCommand } from "./doctor-command.ts";
import { engineCommand } from "./engine-command.ts";
import { initCommand } from "./init-command.ts";
import { installCommand } from "./install-command.ts";
import { routeCommand } from "./route-command.ts";
import { runCommand } from "./run-command.ts";
import { selfCheckCommand } from "./self-check-command.ts";
import { statusCommand } from "./status-command.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { uninstallCommand } from "./uninstall-command.ts";

const commands = [
  initCommand,
  installCommand,
  runCommand,
  statusCommand,
  applyCommand,
  doctorCommand,
  routeCommand,
  engineCommand,
  uninstallCommand,
  selfCheckCommand,
];

const help = `
Example:
  $ millwright-agent init --name fra-1 --hub wss://hub.acme.example --root root.json
  $ millwright-agent run

A host with GPUs needs an engine that can use them, once after the install:
  $ millwright-agent engine cuda

Exit codes: 0 yes, 1 no, 2 wrong usage, 3 the world failed.`;

/** Runs one command. Never throws for what a user or the world did wrong. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = 0;
  const context: Context = {
    terminal,
    finish: (ended) => {
      code = ended;
    },
  };
  const program = new Command("millwright-agent")
    .description("Proves this host's plan, runs the models in it, answers tasks, reports.")
    .version(manifest.version)
    .addHelpText("after", help)
    .showHelpAfterError("(add --help for what it takes)");
  for (const add of commands) add(program, context);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    if (argv.includes("--json")) terminal.out(`${JSON.stringify({ error: failure })}\n`);
    terminal.err(`error[${failure.code}]: ${visibleLines(failure.message).join("\n")}\n`);
    // What was written wrong on the command line is wrong usage, whoever notices it.
    return failure.code.startsWith("cli/bad-") ? 2 : 3;
  }
}

/** What to tell about an error that the world caused; `undefined` for one of ours, which must end the process. */
function failureOf(
  error: unknown,
): { readonly code: string; readonly message: string } | undefined {
  if (error instanceof Failure) return { code: error.code, message: error.message };
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  // Errors of the system carry an upper-case name: ENOSPC, EACCES, EADDRINUSE.
  if (typeof code === "string" && /^E[A-Z]+$/.test(code))
    return { code: `system/${code.toLowerCase()}`, message };
  return undefined;
}
