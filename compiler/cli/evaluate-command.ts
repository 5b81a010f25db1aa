import { relative, resolve, sep } from "node:path";
import { type AddCommand, printJson } from "./context.ts";
import { readSource, type SourceOptions, withSource } from "./source-option.ts";

export const evaluateCommand: AddCommand = (program, context) => {
  withSource(program.command("evaluate"))
    .argument("<file>", "a definition file")
    .description("print what a definition file exports, without executing it")
    .option("--json", "print { exports } or { diagnostics }; the default form is the same")
    .addHelpText("after", "\nExample:\n  $ millwright evaluate factories/support.ts --json")
    .action(async (file: string, options: SourceOptions & { json?: true }) => {
      const { evaluateFile } = await import("../evaluate/evaluate.ts");
      const { showDiagnostics } = await import("./diagnostics-text.ts");
      const { cwd } = context.terminal;
      const tree = await readSource(options, "worktree", context.terminal);
      const path = relative(resolve(cwd, options.repo), resolve(cwd, file)).split(sep).join("/");
      const evaluated = evaluateFile(tree, path);
      if (evaluated.ok) printJson(context, { exports: evaluated.value });
      else showDiagnostics(evaluated.problems, tree, options.json === true, context);
      context.finish(evaluated.ok ? 0 : 1);
    });
};
