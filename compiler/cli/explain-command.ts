import { catalog } from "../diagnostic/diagnostic.ts";
import { type AddCommand, type Context, printJson } from "./context.ts";
import { type SourceOptions, withSource } from "./source-option.ts";

const examples = `
Example:
  $ millwright explain place/no-host-fits
  $ millwright explain fra-1 deployments.triage.context --at main`;

export const explainCommand: AddCommand = (program, context) => {
  const command = withSource(program.command("explain"))
    .argument("<code or host>", "the code of a diagnostic, such as check/unknown-name; or a host")
    .argument("[path]", "a value of the host's plan, such as deployments.triage.context")
    .description(
      "tell what a diagnostic means; or where a value of a plan comes from, and whose it is",
    )
    .option("--json", "print { code, explanation } or { host, path, value, chain }")
    .addHelpText("after", examples);
  command.action(
    async (name: string, path: string | undefined, options: SourceOptions & { json?: true }) => {
      if (path !== undefined) {
        const { explainValue } = await import("./explain-value.ts");
        await explainValue(name, path, options, context);
      } else if (options.at !== undefined || options.worktree)
        command.error(
          "error: a code means the same at every commit; name a path of the host's plan",
        );
      else explainCode(name, options.json === true, context);
    },
  );
};

function explainCode(code: string, json: boolean, context: Context): void {
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
}
