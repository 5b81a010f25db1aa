import { resolve } from "node:path";
import { Option } from "commander";
import type { Compiled } from "../compile.ts";
import type { SourceTree } from "../source/source.ts";
import type { AddCommand, Context } from "./context.ts";
import { type FormOptions, showInForm, withForms } from "./diagnostics-form.ts";
import { readSource, type SourceOptions, withSource } from "./source-option.ts";

const examples = `
Example:
  $ millwright check --at main
  $ millwright check --watch
  $ millwright check --json | jq '.diagnostics[].code'
  $ millwright check --sarif > millwright.sarif
  $ millwright check --github
  $ millwright check --no-types`;

type CheckOptions = SourceOptions &
  FormOptions & { readonly watch?: true; readonly types: boolean };

export const checkCommand: AddCommand = (program, context) => {
  withForms(withSource(program.command("check")))
    .description(
      "say what is wrong with the definitions, and how to mend it; the folder as it lies, or a commit",
    )
    .option("--no-types", "leave out TypeScript's own check of the types")
    .addOption(
      new Option("--watch", "check again after each change, until Ctrl-C").conflicts([
        "at",
        "json",
        "sarif",
        "github",
      ]),
    )
    .addHelpText("after", examples)
    .action(async (options: CheckOptions) => {
      const { inGithubForm } = await import("./github-failure.ts");
      await inGithubForm(options.github === true, context, () =>
        options.watch ? checkAgain(options, context) : checkOnce(options, context),
      );
    });
};

async function checkOnce(options: CheckOptions, context: Context): Promise<void> {
  const { newSession } = await import("../compile.ts");
  const { judge } = await import("./judge.ts");
  const tree = await readSource(options, "worktree", context.terminal);
  const { found, compiled } = await judge(tree, newSession(), options.types, context.terminal);
  await showInForm(found, tree, options, context);
  if (compiled !== undefined && !(options.json || options.sarif || options.github))
    context.terminal.out(`${textOf(compiled)}\n`);
  context.finish(compiled === undefined ? 1 : 0);
}

async function checkAgain(options: CheckOptions, context: Context): Promise<void> {
  const { newSession } = await import("../compile.ts");
  const { watchFolder } = await import("../source/source.ts");
  const { judge } = await import("./judge.ts");
  const { terminal } = context;
  const session = newSession();
  const versions = watchFolder(resolve(terminal.cwd, options.repo), terminal.signal);
  const check = async (tree: SourceTree) => {
    const begun = terminal.now();
    const { found, compiled } = await judge(tree, session, options.types, terminal);
    // What was wrong before the last edit is of no use on the screen.
    if (terminal.interactive) terminal.err("\u001b[2J\u001b[3J\u001b[H");
    await showInForm(found, tree, options, context);
    if (compiled !== undefined) terminal.out(`${textOf(compiled)}\n`);
    terminal.err(`Checked in ${terminal.now() - begun} ms. Waiting for a change; Ctrl-C ends.\n`);
  };
  try {
    for await (const tree of versions) await check(tree);
  } catch (error) {
    // What Ctrl-C interrupts has failed for no other reason.
    if (!terminal.signal.aborted) throw error;
  }
  context.finish(0);
}

function textOf({ definitions: { hosts, models, factories } }: Compiled): string {
  return `Sound: ${hosts.size} hosts, ${models.size} models, ${factories.size} factories.`;
}
