import type { AddCommand } from "./context.ts";
import { readSource, type SourceOptions, withSource } from "./source-option.ts";

export const checkCommand: AddCommand = (program, context) => {
  withSource(program.command("check"))
    .description(
      "say what is wrong with the definitions, and how to mend it; the folder as it lies, or a commit",
    )
    .option("--json", "print { diagnostics }")
    .addHelpText("after", "\nExample:\n  $ millwright check --at main")
    .action(async (options: SourceOptions & { json?: true }) => {
      const { showDiagnostics } = await import("./diagnostics-text.ts");
      const { compile } = await import("../compile.ts");
      const tree = await readSource(options, "worktree", context.terminal);
      const compiled = compile(tree);
      showDiagnostics(
        compiled.ok ? compiled.warnings : compiled.problems,
        tree,
        options.json === true,
        context,
      );
      if (compiled.ok && !options.json) {
        const { hosts, models, factories } = compiled.value.definitions;
        context.terminal.out(
          `Sound: ${hosts.size} hosts, ${models.size} models, ${factories.size} factories.\n`,
        );
      }
      context.finish(compiled.ok ? 0 : 1);
    });
};
