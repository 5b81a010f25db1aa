import { githubFailure } from "../diagnostic/diagnostic.ts";
import type { Context } from "./context.ts";
import { failureOf } from "./failure-text.ts";

/**
 * Does the work; with `github`, what the world does wrong is told as a workflow command, too. A plain text could
 * hold a hostile file's name, and with a line feed in it a command of that file's own.
 */
export async function inGithubForm(
  github: boolean,
  { terminal, finish }: Context,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const failure = github ? failureOf(error) : undefined;
    if (failure === undefined) throw error;
    terminal.out(githubFailure(failure.code, failure.message));
    finish(3);
  }
}
