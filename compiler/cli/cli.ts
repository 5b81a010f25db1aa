/**
 * The command line: `millwright`.
 *
 * In: arguments and a terminal. Out: an exit code; results on stdout, talk on stderr.
 * Promise: never touches the process it runs in, so tests and the demo call it as a function.
 */
import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import type { AddCommand, Context } from "./context.ts";
import { failureOf } from "./failure-text.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** In the order in which `--help` lists them. What a command needs is loaded when it is called, or when all are listed. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  init: async () => (await import("./init-command.ts")).initCommand,
  check: async () => (await import("./check-command.ts")).checkCommand,
  evaluate: async () => (await import("./evaluate-command.ts")).evaluateCommand,
  plan: async () => (await import("./plan-command.ts")).planCommand,
  prove: async () => (await import("./prove-command.ts")).proveCommand,
  explain: async () => (await import("./explain-command.ts")).explainCommand,
  diff: async () => (await import("./diff-command.ts")).diffCommand,
  lock: async () => (await import("./lock-command.ts")).lockCommand,
  schema: async () => (await import("./schema-command.ts")).schemaCommand,
  key: async () => (await import("./key-command.ts")).keyCommand,
  release: async () => (await import("./release-command.ts")).releaseCommand,
  sign: async () => (await import("./sign-command.ts")).signCommand,
  trust: async () => (await import("./trust-command.ts")).trustCommand,
  verify: async () => (await import("./verify-command.ts")).verifyCommand,
  log: async () => (await import("./log-command.ts")).logCommand,
  blame: async () => (await import("./blame-command.ts")).blameCommand,
  audit: async () => (await import("./audit-command.ts")).auditCommand,
  hub: async () => (await import("./hub-command.ts")).hubCommand,
  bundle: async () => (await import("./bundle-command.ts")).bundleCommand,
  demo: async () => (await import("./demo/demo-command.ts")).demoCommand,
};

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
  const wanted = Object.hasOwn(commands, argv[0] ?? "") ? commands[argv[0] ?? ""] : undefined;
  for (const load of wanted === undefined ? Object.values(commands) : [wanted])
    (await load())(program, context);
  const all = program.commands.flatMap((command) => [command, ...command.commands]);
  for (const command of [program, ...all]) {
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
    const { visibleLines } = await import("@millwright/schema");
    terminal.err(`error[${failure.code}]: ${visibleLines(failure.message).join("\n")}\n`);
    return 3;
  }
}
