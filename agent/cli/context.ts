import type { Command } from "commander";
import type { ExitCode, Terminal } from "./terminal.ts";

/** What a command needs of the program around it. */
export interface Context {
  readonly terminal: Terminal;
  /** Says how the command ended. */
  readonly finish: (code: ExitCode) => void;
}

/** Declares one command. What it needs to run it loads when it runs, so that `--help` stays quick. */
export type AddCommand = (program: Command, context: Context) => void;

export const stateOption = [
  "--state <folder>",
  "the agent's state folder",
  "/var/lib/millwright",
] as const;
