import { resolve } from "node:path";
import { type AddCommand, printJson } from "./context.ts";
import { keysOption } from "./keys-option.ts";

export const signCommand: AddCommand = (program, context) => {
  program
    .command("sign")
    .description("add your signature to the release that waits; the last one missing publishes it")
    .option("--repo <path>", "the repository", ".")
    .option(...keysOption)
    .option("--json", "print { kind, number, root, commit, hosts, signers, missing }")
    .addHelpText("after", "\nExample:\n  $ millwright sign --keys /media/stick/keys")
    .action(async (options: { repo: string; keys?: string; json?: true }) => {
      const { terminal } = context;
      const { sign } = await import("../release/release.ts");
      const { keysFolder } = await import("./keys-option.ts");
      const { textOfReleased } = await import("./release-command.ts");
      const repository = resolve(terminal.cwd, options.repo);
      const keysDir = keysFolder(options.keys, repository, terminal);
      const signed = await sign({ repository, keysDir, now: terminal.now() }, terminal.signal);
      if (options.json) printJson(context, signed);
      else terminal.out(textOfReleased(signed));
      context.finish(0);
    });
};
