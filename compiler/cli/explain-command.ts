import { catalog } from "../diagnostic/diagnostic.ts";
import { type AddCommand, printJson } from "./context.ts";

export const explainCommand: AddCommand = (program, context) => {
  program
    .command("explain")
    .argument("<code>", "the code of a diagnostic, such as check/unknown-name")
    .description("tell what a diagnostic means")
    .option("--json", "print { code, explanation }")
    .addHelpText("after", "\nExample:\n  $ millwright explain place/no-host-fits")
    .action((code: string, { json }: { json?: true }) => {
      const known: Record<string, string> = catalog;
      const explanation = Object.hasOwn(known, code) ? known[code] : undefined;
      if (explanation === undefined) {
        context.terminal.err(
          `There is no code ${code}. The codes are:\n  ${Object.keys(catalog).sort().join("\n  ")}\n`,
        );
        context.finish(1);
        return;
      }
      if (json) printJson(context, { code, explanation });
      else context.terminal.out(`${code}\n\n${explanation}\n`);
      context.finish(0);
    });
};
