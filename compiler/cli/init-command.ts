import { opendir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type AddCommand, printJson } from "./context.ts";
import type { Laid } from "./editor/editor.ts";
import type { Terminal } from "./terminal.ts";

export const initCommand: AddCommand = (program, context) => {
  program
    .command("init")
    .description(
      "make the keys of a repository and its root of trust, on the branch releases, and lay files for editors",
    )
    .option("--repo <path>", "the repository", ".")
    .option(
      "--keys <folder>",
      "where the private keys go, outside the repository; ~/.config/millwright/<repository> when absent",
    )
    .option("--editor", "only the files for editors, where there are none")
    .option("--json", "print { fingerprint, keys, root, commit, editor }, or { editor }")
    .addHelpText("after", "\nExample:\n  $ millwright init\n  $ millwright init --editor")
    .action(async (options: InitOptions) => {
      const { demandPlainFolders, layFiles } = await import("./editor/editor.ts");
      const { terminal } = context;
      const repository = resolve(terminal.cwd, options.repo);
      if (options.editor) {
        await demandFolder(repository);
        const editor = await layFiles(repository);
        if (options.json) printJson(context, { editor });
        else terminal.err(editorNote(editor));
      } else {
        // Before anything is made: keys are made once.
        await demandPlainFolders(repository);
        const trust = await makeTrust(repository, options.keys, terminal);
        if (!options.json) terminal.out(`Root of trust ${trust.fingerprint}\n`);
        const editor = await layFiles(repository);
        if (options.json) printJson(context, { ...trust, editor });
        else terminal.err(`${soloNote(trust.keys, trust.root)}\n${editorNote(editor)}\n${next}`);
      }
      context.finish(0);
    });
};

interface InitOptions {
  readonly repo: string;
  readonly keys?: string;
  readonly editor?: true;
  readonly json?: true;
}

/** Throws the system's own error where there is no folder: none is made by a slip in its name. */
async function demandFolder(path: string): Promise<void> {
  await (await opendir(path)).close();
}

async function makeTrust(repository: string, folder: string | undefined, terminal: Terminal) {
  const { initTrust, readRoots, RELEASES } = await import("../release/release.ts");
  const { keysFolder } = await import("./keys-option.ts");
  const keys = keysFolder(folder, repository, terminal);
  const { fingerprint, commit } = await initTrust(
    { repository, keysDir: keys, now: terminal.now() },
    terminal.signal,
  );
  // The public half, to copy to hosts: what their agents trust from the first day.
  const root = join(keys, "root.json");
  const published = await readRoots(repository, RELEASES, terminal.signal);
  const [first] = published.ok ? published.value.roots : [];
  if (first === undefined) throw new Error("impossible: the root that was just made is not there");
  await writeFile(root, first);
  return { fingerprint, keys, root, commit };
}

function soloNote(keys: string, root: string): string {
  return `
Private keys are in ${keys}:
  root.pem     admits and dismisses signers. Move it to a disk in a drawer: it is needed once a year.
  release.pem  signs what runs. Yours.
  online.pem   tells hosts "this is still the newest". The hub needs it, and nothing else.

NOTE: you alone can decide what every host runs. Before others depend on it, let two people sign:
make a release key for each of them and name all in a new root with a threshold of two.

Give hosts ${root}, or the fingerprint above.
`;
}

function editorNote({ written, left }: Laid): string {
  const lines = [
    ...(written.length > 0 ? [`For editors: ${written.join(", ")}. Commit them.`] : []),
    ...left.map(
      ({ path, wanted }) =>
        `${path} is there already and stays as it is. It should hold ${wanted}.`,
    ),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

const next = "Next: write definitions below factories/, then millwright check, lock, release.\n";
