import { join, resolve } from "node:path";
import { type AddCommand, printJson } from "./context.ts";

export const initCommand: AddCommand = (program, context) => {
  program
    .command("init")
    .description("make the keys of a repository and its root of trust, on the branch releases")
    .option("--repo <path>", "the repository", ".")
    .option(
      "--keys <folder>",
      "where the private keys go, outside the repository; ~/.config/millwright/<repository> when absent",
    )
    .option("--json", "print { fingerprint, keys, root, commit }")
    .addHelpText("after", "\nExample:\n  $ millwright init")
    .action(async (options: { repo: string; keys?: string; json?: true }) => {
      const { initTrust, readRoots, RELEASES } = await import("../release/release.ts");
      const { keysFolder } = await import("./keys-option.ts");
      const { writeFile } = await import("node:fs/promises");
      const { terminal } = context;
      const repository = resolve(terminal.cwd, options.repo);
      const keys = keysFolder(options.keys, repository, terminal);
      const made = await initTrust(
        { repository, keysDir: keys, now: terminal.now() },
        terminal.signal,
      );
      // The public half, to copy to hosts: what their agents trust from the first day.
      const root = join(keys, "root.json");
      const published = await readRoots(repository, RELEASES, terminal.signal);
      const [first] = published.ok ? published.value.roots : [];
      if (first === undefined)
        throw new Error("impossible: the root that was just made is not there");
      await writeFile(root, first);
      if (options.json)
        printJson(context, { fingerprint: made.fingerprint, keys, root, commit: made.commit });
      else {
        terminal.out(`Root of trust ${made.fingerprint}\n`);
        terminal.err(soloNote(keys, root));
      }
      context.finish(0);
    });
};

function soloNote(keys: string, root: string): string {
  return `
Private keys are in ${keys}:
  root.pem     admits and dismisses signers. Move it to a disk in a drawer: it is needed once a year.
  release.pem  signs what runs. Yours.
  online.pem   tells hosts "this is still the newest". The hub needs it, and nothing else.

NOTE: you alone can decide what every host runs. Before others depend on it, let two people sign:
make a release key for each of them and name all in a new root with a threshold of two.

Give hosts ${root}, or the fingerprint above.
Next: write definitions below factories/, then millwright check, lock, release.
`;
}
