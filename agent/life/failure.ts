/**
 * The world failed: a disk, a network, an engine. The only error class of this workspace.
 * `code` is `folder/what-failed` and permanent; `message` says what to do next.
 */
export class Failure extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Failure";
    this.code = code;
  }
}

/** One line about anything thrown, for a journal or a condition. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
