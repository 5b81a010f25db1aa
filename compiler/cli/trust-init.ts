import { resolve } from "node:path";
import type { Command } from "commander";
import { type Context, printJson } from "./context.ts";
import { keysOption } from "./keys-option.ts";

interface Options {
  readonly repo: string;
  readonly keys?: string;
  readonly threshold?: string;
  readonly signers?: readonly string[];
  readonly json?: true;
}

const help = `
Each signer is named by a public key: ed25519:… as millwright trust key prints it, the line of an SSH Ed25519 key, or a
file that holds either. The release key that is made here counts as one more. A passphrase seals what is made; it is
asked for, or taken from MILLWRIGHT_PASSPHRASE.

Example:
  $ millwright trust init --threshold 2 --signers bea.pub ~/cyd/.ssh/id_ed25519.pub`;

export function addTrustInit(trust: Command, context: Context): void {
  trust
    .command("init")
    .description(
      "make the root of trust of a repository, for a team: so many of these people must sign",
    )
    .option("--repo <path>", "the repository", ".")
    .option(...keysOption)
    .option("--threshold <number>", "how many must sign each release (default: 1)")
    .option("--signers <keys...>", "the public keys of the others who may sign")
    .option("--json", "print { fingerprint, keys, root, commit, signers, threshold }")
    .addHelpText("after", help)
    .action(async (options: Options) => {
      const { terminal } = context;
      const { makeTrust, nextSteps } = await import("./made-trust.ts");
      const { signerKeysOf, thresholdOf } = await import("./signer-keys.ts");
      const repository = resolve(terminal.cwd, options.repo);
      const signers = await signerKeysOf(options.signers ?? [], terminal.cwd);
      const threshold = thresholdOf(options.threshold) ?? 1;
      const made = await makeTrust(repository, options.keys, { signers, threshold }, terminal);
      if (options.json) printJson(context, made);
      else {
        terminal.out(`Root of trust ${made.fingerprint}\n`);
        terminal.err(`${nextSteps(made)}\n`);
      }
      context.finish(0);
    });
}
