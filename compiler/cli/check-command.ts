import type { AddCommand } from "./context.ts";
import { type FormOptions, showInForm, withForms } from "./diagnostics-form.ts";
import { readSource, type SourceOptions, withSource } from "./source-option.ts";

const examples = `
Example:
  $ millwright check --at main
  $ millwright check --json | jq '.diagnostics[].code'
  $ millwright check --sarif > millwright.sarif
  $ millwright check --github`;

export const checkCommand: AddCommand = (program, context) => {
  withForms(withSource(program.command("check")))
    .description(
      "say what is wrong with the definitions, and how to mend it; the folder as it lies, or a commit",
    )
    .addHelpText("after", examples)
    .action(async (options: SourceOptions & FormOptions) => {
      const { inGithubForm } = await import("./github-failure.ts");
      await inGithubForm(options.github === true, context, async () => {
        const { compile } = await import("../compile.ts");
        const tree = await readSource(options, "worktree", context.terminal);
        const compiled = compile(tree);
        const found = compiled.ok ? compiled.warnings : compiled.problems;
        await showInForm(found, tree, options, context);
        if (compiled.ok && !(options.json || options.sarif || options.github)) {
          const { hosts, models, factories } = compiled.value.definitions;
          context.terminal.out(
            `Sound: ${hosts.size} hosts, ${models.size} models, ${factories.size} factories.\n`,
          );
        }
        context.finish(compiled.ok ? 0 : 1);
      });
    });
};
