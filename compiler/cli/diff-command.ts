import { resolve } from "node:path";
import type { Compiled, Session } from "../compile.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { Failure } from "../failure.ts";
import type { SourceTree } from "../source/source.ts";
import { type AddCommand, type Context, printJson } from "./context.ts";
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
  const { mergeBase, readCommit, readFolder } = await import("../source/source.ts");
  const { newSession } = await import("../compile.ts");
  const repository = resolve(terminal.cwd, options.repo);
  const head = options.worktree ? undefined : named;
  const from = options.mergeBase
    ? await mergeBase(repository, base, head ?? "HEAD", terminal.signal)
    : base;
  const [before, after] = await Promise.all([
    readCommit(repository, from, terminal.signal),
    head === undefined
      ? readFolder(repository, terminal.signal)
      : readCommit(repository, head, terminal.signal),
  ]);
  const session = newSession();
  const was = baseOf(session, before, from);
  const is = session.compile(after);
  if (!is.ok) return refuse(is.problems, after, options, context);
  const { compare } = await import("../compare/compare.ts");
  const comparison = compare(was, is.value, terminal.now());
  const judged = await judgedChange(was, is.value);
  const found = [...is.warnings, ...judged];
  if (options.json) {
    const { jsonOf } = await import("../diagnostic/diagnostic.ts");
    printJson(context, {
      base: before.at?.commit ?? null,
      head: after.at?.commit ?? null,
      comparison,
      diagnostics: jsonOf(found, after.files),
    });
  } else if (options.markdown) {
    const { markdownOf } = await import("./diff-markdown.ts");
    terminal.out(markdownOf(comparison, found.map(lineOf)));
  } else {
    const { showDiagnostics } = await import("./diagnostics-text.ts");
    const { textOfComparison } = await import("./diff-text.ts");
    showDiagnostics(found, after, false, context);
    terminal.out(textOfComparison(comparison));
  }
  return found.some(({ severity }) => severity === "error") ? 1 : 0;
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

/** What policies say of the change. Those of the base count as well: a change cannot take away the rule that forbids it. */
async function judgedChange(before: Compiled, after: Compiled): Promise<readonly Diagnostic[]> {
  const { compilePolicies, judgeChange } = await import("../policy/policy.ts");
  const found = [before, after].flatMap(({ definitions }) => {
    const { policies } = compilePolicies(definitions);
    return judgeChange(policies, before.definitions, after.definitions, before.plans, after.plans);
  });
  const once = new Map(found.map((each) => [lineOf(each), each]));
  return [...once.values()];
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

function lineOf({ code, severity, message }: Diagnostic): string {
  return `${severity} ${code}: ${message}`;
}
