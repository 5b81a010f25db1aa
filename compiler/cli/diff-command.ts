import { resolve } from "node:path";
import { visible } from "@millwright/schema";
import type { Comparison } from "../compare/compare.ts";
import type { Compiled, Session } from "../compile.ts";
import type { Diagnostic, Stage } from "../diagnostic/diagnostic.ts";
import { Failure } from "../failure.ts";
import type { DefinitionsId, SourceTree } from "../source/source.ts";
import { cacheIn } from "./cache-folder.ts";
import { type AddCommand, type Context, printJson } from "./context.ts";
import { lineOf } from "./diagnostic-line.ts";
import { diffCache } from "./diff-cache.ts";
import { type Phases, phasesOn } from "./phases.ts";
import type { ExitCode } from "./terminal.ts";

interface Options {
  readonly repo: string;
  readonly worktree?: true;
  readonly mergeBase?: true;
  readonly markdown?: true;
  readonly json?: true;
}

export const diffCommand: AddCommand = (program, context) => {
  program
    .command("diff")
    .description("show what a change does to every host: by default, the folder against HEAD")
    .argument("[base]", "the commit to compare with", "HEAD")
    .argument("[head]", "the commit to compare; the folder as it lies, when no commit is named")
    .option("--repo <path>", "the repository", ".")
    .option("--worktree", "compare the folder as it lies, uncommitted changes and all")
    .option("--merge-base", "compare with the commit that both began from, as pull requests do")
    .option("--markdown", "print a comment for a pull request, at most 60 kB")
    .option("--json", "print { base, head, comparison, diagnostics }")
    .addHelpText(
      "after",
      "\nWith one commit, it is compared with HEAD; --worktree compares it with the folder.\n\nExample:\n  $ millwright diff origin/main HEAD --merge-base\n\nExit codes: 0 the change may be made, 1 it does not compile or a policy denies it.",
    )
    .action(async (base: string, head: string | undefined, options: Options, command) => {
      const isNamed = command.args.length > 0;
      if (options.worktree && head !== undefined)
        command.error("error: --worktree stands for HEAD: name one commit, or leave it out", {
          exitCode: 2,
        });
      context.finish(await diff(base, head ?? (isNamed ? "HEAD" : undefined), options, context));
    });
};

async function diff(
  base: string,
  named: string | undefined,
  options: Options,
  context: Context,
): Promise<ExitCode> {
  const { terminal } = context;
  const { definitionsId, mergeBase, readCommit, readFolder } = await import("../source/source.ts");
  const repository = resolve(terminal.cwd, options.repo);
  const head = options.worktree ? undefined : named;
  const from = options.mergeBase
    ? await mergeBase(repository, base, head ?? "HEAD", terminal.signal)
    : base;
  const before = await definitionsId(repository, from, terminal.signal);
  const after =
    head === undefined ? undefined : await definitionsId(repository, head, terminal.signal);
  const treeOf = (id: DefinitionsId | undefined) =>
    id === undefined
      ? readFolder(repository, terminal.signal)
      : readCommit(repository, id.commit, terminal.signal);
  const cache =
    after === undefined ? undefined : diffCache(cacheIn(terminal.env, "diff"), before, after);
  const known = cache?.read();
  let tree: SourceTree | undefined;
  let diff = known;
  if (diff === undefined) {
    using phases = phasesOn(terminal);
    phases.begin("reading both sides");
    const [was, is] = await Promise.all([treeOf(before), treeOf(after)]);
    const stage = await compared(was, is, from, phases);
    if (!stage.ok) return refuse(stage.problems, is, options, context);
    diff = { comparison: stage.value, found: stage.warnings };
    tree = is;
    await cache?.write(diff);
  }
  const { comparison, found } = diff;
  const { freezeHits } = await import("./freeze-hits.ts");
  const freeze = freezeHits(comparison.windows, terminal.now());
  // Without anything to say of the text of the definitions nobody reads it.
  const text = tree ?? (found.length === 0 ? undefined : await treeOf(after));
  if (options.json) {
    const { jsonOf } = await import("../diagnostic/diagnostic.ts");
    printJson(context, {
      base: before.commit,
      head: after?.commit ?? null,
      comparison: { ...comparison, freeze },
      diagnostics: text === undefined ? [] : jsonOf(found, text.files),
    });
  } else if (options.markdown) {
    const { markdownOf } = await import("./diff-markdown.ts");
    terminal.out(markdownOf(comparison, freeze, found.map(lineOf)));
  } else {
    const { showDiagnostics } = await import("./diagnostics-text.ts");
    const { textOfComparison } = await import("./diff-text.ts");
    if (text !== undefined) showDiagnostics(found, text, false, context);
    terminal.out(textOfComparison(comparison, freeze));
  }
  return found.some(({ severity }) => severity === "error") ? 1 : 0;
}

/** Both sides in one session: hosts whose read-sets are the same are rendered once. Warnings may be what policies deny. */
async function compared(
  before: SourceTree,
  after: SourceTree,
  name: string,
  phases: Phases,
): Promise<Stage<Comparison>> {
  const { newSession } = await import("../compile.ts");
  const { compare } = await import("../compare/compare.ts");
  const session = newSession();
  phases.begin(`compiling ${visible(name)}`);
  const was = baseOf(session, before, name);
  phases.begin("compiling the change");
  const is = session.compile(after);
  if (!is.ok) return is;
  const { judgedChange } = await import("./change-policies.ts");
  const judged = judgedChange(was, is.value);
  return { ok: true, value: compare(was, is.value), warnings: [...is.warnings, ...judged] };
}

/** The side that is there already. That it compiles is no merit of the change. */
function baseOf(session: Session, tree: SourceTree, name: string): Compiled {
  const stage = session.compile(tree);
  if (stage.ok) return stage.value;
  const [{ code, message } = { code: "", message: "" }] = stage.problems;
  throw new Failure(
    "diff/base-does-not-compile",
    `${name} does not compile, so nothing can be compared with it: ${code}: ${message}. Name a commit that does, or run millwright check --at ${name}.`,
  );
}

async function refuse(
  problems: readonly Diagnostic[],
  tree: SourceTree,
  { json, markdown }: Options,
  context: Context,
): Promise<ExitCode> {
  const { showDiagnostics } = await import("./diagnostics-text.ts");
  showDiagnostics(problems, tree, json === true, context);
  if (markdown) {
    const { refusalOf } = await import("./diff-markdown.ts");
    context.terminal.out(refusalOf(problems.map(lineOf)));
  }
  return 1;
}
