/** All that a command may touch of the process it runs in. Tests bring one of their own. */
export interface Terminal {
  /** Results. */
  out(text: string): void;
  /** Talk: progress, notes, errors. */
  err(text: string): void;
  /** Whether talk may be coloured and redrawn. */
  readonly interactive: boolean;
  /** Asks a person something that is not shown; absent where nobody can be asked. */
  readonly askSecret?: (question: string) => Promise<string>;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  now(): number;
}

/** 0 yes, 1 no (diagnostics, differences), 2 wrong usage, 3 the world failed. */
export type ExitCode = 0 | 1 | 2 | 3;
