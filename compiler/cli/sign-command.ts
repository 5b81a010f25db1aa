import { resolve } from "node:path";
import { type AddCommand, printJson } from "./context.ts";
import { keysOption } from "./keys-option.ts";
import { pushOption } from "./push-released.ts";

interface Options {
  readonly repo: string;
  readonly keys?: string;
  readonly push?: string | true;
  readonly json?: true;
}

export const signCommand: AddCommand = (program, context) => {
  program
    .command("sign")
    .description("add your signature to the release that waits; the last one missing publishes it")
    .option("--repo <path>", "the repository", ".")
    .option(...keysOption)
    .option(...pushOption)
    .option("--json", "print { kind, number, root, commit, hosts, signers, missing }")
    .addHelpText(
      "after",
      "\nA sealed key file asks for its passphrase, or takes MILLWRIGHT_PASSPHRASE. Without a key file the ssh-agent signs.\n\nExample:\n  $ git fetch origin '+refs/millwright/*:refs/millwright/*'\n  $ millwright sign --push",
    )
    .action(async (options: Options) => {
      const { terminal } = context;
      const { sign } = await import("../release/release.ts");
      const { signerSource } = await import("./keys-option.ts");
      const { textOfReleased } = await import("./release-command.ts");
      const repository = resolve(terminal.cwd, options.repo);
      const signer = signerSource(options.keys, repository, terminal);
      const signed = await sign({ repository, signer, now: terminal.now() }, terminal.signal);
      if (options.push !== undefined) {
        const { pushReleased } = await import("./push-released.ts");
        await pushReleased(repository, options.push, signed.kind);
      }
      if (options.json) printJson(context, signed);
      else terminal.out(textOfReleased(signed));
      context.finish(0);
    });
};
