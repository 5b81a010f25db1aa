import { dirname, relative, resolve, sep } from "node:path";
import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";
import { type AddCommand, printJson } from "./context.ts";
import { readSource, type SourceOptions, withSource } from "./source-option.ts";
import type { Terminal } from "./terminal.ts";

export const evaluateCommand: AddCommand = (program, context) => {
  withSource(program.command("evaluate"))
    .argument("<file>", "a definition file; one that is in no repository sees those beside it")
    .description("print what a definition file exports, without executing it")
    .option("--json", "print { exports } or { diagnostics }; the default form is the same")
    .addHelpText("after", "\nExample:\n  $ millwright evaluate factories/support.ts --json")
    .action(async (file: string, options: SourceOptions & { json?: true }) => {
      const { evaluateFile } = await import("../evaluate/evaluate.ts");
      const { showDiagnostics } = await import("./diagnostics-text.ts");
      const { tree, path, shown } = await treeWith(file, options, context.terminal);
      const evaluated = evaluateFile(tree, path);
      if (evaluated.ok) printJson(context, { exports: evaluated.value });
      else {
        const problems = evaluated.problems.map((problem) => renamed(problem, shown));
        const files = new Map([...tree.files].map(([name, bytes]) => [shown(name), bytes]));
        showDiagnostics(problems, { ...tree, files }, options.json === true, context);
      }
      context.finish(evaluated.ok ? 0 : 1);
    });
};

interface Found {
  readonly tree: SourceTree;
  /** The file's name in the tree. */
  readonly path: string;
  /** What a file of the tree is called by whoever asks. */
  shown(path: string): string;
}

/** The repository's definitions; for a file outside them, the file and its neighbours. */
async function treeWith(file: string, options: SourceOptions, terminal: Terminal): Promise<Found> {
  const { cwd, signal } = terminal;
  const path = inside(resolve(cwd, options.repo), resolve(cwd, file));
  if (options.at !== undefined || path.startsWith("factories/"))
    return { tree: await readSource(options, "worktree", terminal), path, shown: (name) => name };
  const { readBeside } = await import("../source/source.ts");
  const folder = inside(cwd, dirname(resolve(cwd, file)));
  return {
    tree: await readBeside(resolve(cwd, file), signal),
    path: `factories/${path.slice(path.lastIndexOf("/") + 1)}`,
    shown: (name) => name.replace(/^factories\//, folder === "" ? "" : `${folder}/`),
  };
}

function inside(folder: string, file: string): string {
  return relative(folder, file).split(sep).join("/");
}

function renamed(problem: Diagnostic, shown: (path: string) => string): Diagnostic {
  const at = (span: Span): Span => ({ ...span, file: shown(span.file) });
  return {
    ...problem,
    at: problem.at && at(problem.at),
    ...(problem.also && {
      also: problem.also.map(({ message, at: place }) => ({ message, at: at(place) })),
    }),
  };
}
