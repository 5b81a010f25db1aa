import type { Launched } from "../update/update.ts";

/** All that a command may touch of the process it runs in. Tests bring one of their own. */
export interface Terminal {
  /** Results. */
  out(text: string): void;
  /** Talk: progress, notes, errors. */
  err(text: string): void;
  /** Whether talk may be coloured and redrawn. */
  readonly interactive: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  now(): number;
  /** Has this process become its launcher again, once the command has ended. */
  relaunch?(launched: Launched): void;
}

/** 0 yes, 1 no (diagnostics, differences), 2 wrong usage, 3 the world failed. */
export type ExitCode = 0 | 1 | 2 | 3;
