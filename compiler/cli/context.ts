import type { Command } from "commander";
import type { ExitCode, Terminal } from "./terminal.ts";

/** What a command needs of the program around it. */
export interface Context {
  readonly terminal: Terminal;
  /** Says how the command ended. */
  readonly finish: (code: ExitCode) => void;
  /** The program itself, for a command that is made of other commands. */
  readonly run: (argv: readonly string[], terminal: Terminal) => Promise<ExitCode>;
}

/** Declares one command. What it needs to run it loads when it runs, so that `--help` stays quick. */
export type AddCommand = (program: Command, context: Context) => void;

/** Results for machines: one JSON value and a newline. */
export function printJson({ terminal }: Context, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}
