import { resolve } from "node:path";
import type { Command } from "commander";
import { type Context, printJson } from "./context.ts";
import { keysOption } from "./keys-option.ts";

interface Options {
  readonly repo: string;
  readonly keys?: string;
  readonly role: string;
  readonly json?: true;
}

export function addTrustKey(trust: Command, context: Context): void {
  trust
    .command("key")
    .description(
      "make a key of your own to sign with, and print its public half for whoever holds the root key",
    )
    .option("--repo <path>", "the repository", ".")
    .option(...keysOption)
    .option("--role <role>", "release, root, or online (a hub's)", "release")
    .option("--json", "print { role, key, folder }")
    .addHelpText("after", "\nExample:\n  $ millwright trust key > bea.pub")
    .action(async (options: Options, command: Command) => {
      const { terminal } = context;
      const role = (["release", "root", "online"] as const).find((name) => name === options.role);
      if (role === undefined) {
        command.error("error: --role is release, root or online", { exitCode: 2 });
        return;
      }
      const { publicKeyOf } = await import("@millwright/schema");
      const { makeSignerKey } = await import("../release/release.ts");
      const { keysFolder } = await import("./keys-option.ts");
      const { newPassphrase } = await import("./passphrase.ts");
      const repository = resolve(terminal.cwd, options.repo);
      const folder = keysFolder(options.keys, repository, terminal);
      // A hub opens its key by itself, when nobody is there to type.
      const passphrase = role === "online" ? undefined : await newPassphrase(terminal);
      const made = await makeSignerKey(
        { repository, folder, role, ...(passphrase !== undefined && { passphrase }) },
        terminal.signal,
      );
      const key = publicKeyOf(made);
      if (options.json) printJson(context, { role, key, folder });
      else {
        terminal.out(`${key}\n`);
        terminal.err(
          `The private half is in ${folder}. Whoever holds the root key admits you: millwright trust rotate ${role === "root" ? "--add-root-holders" : role === "online" ? "--online" : "--add-signers"} ${key}\n`,
        );
      }
      context.finish(0);
    });
}
