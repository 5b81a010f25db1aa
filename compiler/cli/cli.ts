/**
 * The command line: `millwright`.
 *
 * In: arguments and a terminal. Out: an exit code; results on stdout, talk on stderr.
 * Promise: never touches the process it runs in, so tests and the demo call it as a function.
 */
import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import { checkCommand } from "./check-command.ts";
import type { Context } from "./context.ts";
import { demoCommand } from "./demo/demo-command.ts";
import { evaluateCommand } from "./evaluate-command.ts";
import { explainCommand } from "./explain-command.ts";
import { failureOf } from "./failure-text.ts";
import { hubCommand } from "./hub-command.ts";
import { initCommand } from "./init-command.ts";
import { lockCommand } from "./lock-command.ts";
import { planCommand } from "./plan-command.ts";
import { releaseCommand } from "./release-command.ts";
import { schemaCommand } from "./schema-command.ts";
import { signCommand } from "./sign-command.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { verifyCommand } from "./verify-command.ts";

const commands = [
  initCommand,
  checkCommand,
  evaluateCommand,
  planCommand,
  explainCommand,
  lockCommand,
  schemaCommand,
  releaseCommand,
  signCommand,
  verifyCommand,
  hubCommand,
  demoCommand,
];

/** Runs one command. Never throws for what a user or the world did wrong. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = 0;
  const context: Context = {
    terminal,
    finish: (ended) => {
      code = ended;
    },
    run,
  };
  const program = new Command("millwright")
    .description("Compiles definitions in git into signed plans, and serves them to the agents.")
    .version(manifest.version)
    .addHelpText(
      "after",
      "\nExample:\n  $ millwright check && millwright release\n\nExit codes: 0 yes, 1 no, 2 wrong usage, 3 the world failed.",
    )
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
    terminal.err(`error[${failure.code}]: ${failure.message}\n`);
    return 3;
  }
}
