/**
 * The world failed: a disk, git, a network. The only error class of this workspace.
 * `code` is `folder/what-failed` and permanent; `message` says what to do next. The CLI exits with 3.
 */
export class Failure extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Failure";
    this.code = code;
  }
}
