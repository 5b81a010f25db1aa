import { opendir } from "node:fs/promises";
import { resolve } from "node:path";
import { type AddCommand, printJson } from "./context.ts";
import type { Laid } from "./editor/editor.ts";

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
        const { makeTrust, nextSteps } = await import("./made-trust.ts");
        const trust = await makeTrust(
          repository,
          options.keys,
          { signers: [], threshold: 1 },
          terminal,
        );
        if (!options.json) terminal.out(`Root of trust ${trust.fingerprint}\n`);
        const editor = await layFiles(repository);
        if (options.json) printJson(context, { ...trust, editor });
        else terminal.err(`${nextSteps(trust)}\n${editorNote(editor)}\n${next}`);
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
