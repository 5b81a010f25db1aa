import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Command, Option } from "commander";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import manifest from "../package.json" with { type: "json" };
import type { SourceTree } from "../source/source.ts";
import { type Context, printJson } from "./context.ts";

/** The forms that tools read; at most one of them. */
export interface FormOptions {
  readonly json?: true;
  readonly sarif?: true;
  readonly github?: true;
}

/** `--json`, `--sarif`, `--github`, of which each excludes the others. */
export function withForms(command: Command): Command {
  return command
    .addOption(new Option("--json", "print { diagnostics }").conflicts(["sarif", "github"]))
    .addOption(
      new Option("--sarif", "print SARIF 2.1.0, for code scanning").conflicts(["json", "github"]),
    )
    .addOption(
      new Option("--github", "print workflow commands, shown beside the lines").conflicts([
        "json",
        "sarif",
      ]),
    );
}

/** Shows diagnostics in the form that was asked for. */
export async function showInForm(
  found: readonly Diagnostic[],
  tree: SourceTree,
  options: FormOptions & { readonly repo: string },
  context: Context,
): Promise<void> {
  const { showDiagnostics } = await import("./diagnostics-text.ts");
  if (!options.sarif && !options.github) {
    showDiagnostics(found, tree, options.json === true, context);
    return;
  }
  const { githubOf, sarifOf } = await import("../diagnostic/diagnostic.ts");
  const { folderIn } = await import("../history/history.ts");
  const { terminal } = context;
  const root = resolve(terminal.cwd, options.repo);
  const folder = await folderIn(root, terminal.signal);
  if (options.github) {
    terminal.out(githubOf(found, tree.files, folder));
    return;
  }
  const at = tree.at && {
    repository: uriOf(tree.repository, root),
    commit: tree.at.commit,
  };
  const driver = {
    name: "millwright",
    version: manifest.version,
  };
  printJson(context, sarifOf(found, { files: tree.files, folder, ...(at && { at }) }, driver));
}

/** The remote as a URI: git also writes `host:path`. Without a remote, or with a path for one, the folder's own. */
function uriOf(remote: string, root: string): URL {
  const [, host, path] = /^([^/:]+):(?!\/\/)\/?(.+)$/.exec(remote) ?? [];
  const url = host === undefined ? remote : `ssh://${host}/${path}`;
  const parsed = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? URL.parse(url) : null;
  return parsed ?? pathToFileURL(root);
}
