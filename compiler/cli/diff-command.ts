import { resolve } from "node:path";
import type { DefinitionsId, SourceTree } from "../source/source.ts";
import { cacheIn } from "./cache-folder.ts";
import type { AddCommand, Context } from "./context.ts";
import { diffCache } from "./diff-cache.ts";
import type { Outcome } from "./diff-outcome.ts";
import type { DiffForm } from "./diff-show.ts";
import { type Sides, sidesOf } from "./diff-sides.ts";
import { phasesOn } from "./phases.ts";
import type { ExitCode } from "./terminal.ts";

interface Options extends DiffForm {
  readonly repo: string;
  readonly worktree?: true;
  readonly mergeBase?: true;
}

const help = `
Without a commit, the folder is compared with HEAD. With one commit, HEAD is compared with it; --worktree compares the
folder. BASE..HEAD names both; BASE...HEAD is --merge-base.

Example:
  $ millwright diff
  $ millwright diff origin/main...HEAD
  $ millwright diff origin/main my-branch --merge-base --markdown > comment.md
  $ millwright diff HEAD~1 --json | jq '.comparison.hosts[].host'

Exit codes: 0 the change may be made, 1 it or its base does not compile or a policy denies it.`;

export const diffCommand: AddCommand = (program, context) => {
  program
    .command("diff")
    .description("show what a change does to every host: by default, the folder against HEAD")
    .argument("[base]", "the commit to compare with, or a range (default: HEAD)")
    .argument("[head]", "the commit to compare; the folder as it lies, when no commit is named")
    .option("--repo <path>", "the repository", ".")
    .option("--worktree", "compare the folder as it lies, uncommitted changes and all")
    .option("--merge-base", "compare with the commit that both began from, as pull requests do")
    .option("--markdown", "print a comment for a pull request, at most 60 kB")
    .option("--json", "print { base, head, comparison, diagnostics }")
    .addHelpText("after", help)
    .action(
      async (base: string | undefined, head: string | undefined, options: Options, command) => {
        const sides = sidesOf(base, head, options);
        if (typeof sides === "string") command.error(`error: ${sides}`, { exitCode: 2 });
        else context.finish(await diff(sides, options, context));
      },
    );
};

async function diff(sides: Sides, options: Options, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const { definitionsId, mergeBase, readCommit, readFolder } = await import("../source/source.ts");
  const { show } = await import("./diff-show.ts");
  const repository = resolve(terminal.cwd, options.repo);
  const { head } = sides;
  const base = sides.mergeBase
    ? await mergeBase(repository, sides.base, head ?? "HEAD", terminal.signal)
    : sides.base;
  const before = await definitionsId(repository, base, terminal.signal);
  const after =
    head === undefined ? undefined : await definitionsId(repository, head, terminal.signal);
  const treeOf = (id: DefinitionsId | undefined) =>
    id === undefined
      ? readFolder(repository, terminal.signal)
      : readCommit(repository, id.commit, terminal.signal);
  const named = { base: before.commit, head: after?.commit ?? null };
  // Without a tree of definitions git may only have lost it: that is looked at every time.
  const cache =
    before.tree === undefined || after?.tree === undefined
      ? undefined
      : diffCache(cacheIn(terminal.env, "diff"), before, after);
  const known = cache?.read();
  if (known !== undefined)
    return show({ kind: "compared", diff: known }, named, () => treeOf(after), options, context);
  const { outcome, tree } = await compiled();
  if (outcome.kind === "compared") await cache?.write(outcome.diff);
  return show(outcome, named, async () => tree, options, context);

  async function compiled(): Promise<{ readonly outcome: Outcome; readonly tree: SourceTree }> {
    const { outcomeOf } = await import("./diff-outcome.ts");
    using phases = phasesOn(terminal);
    phases.begin("reading both sides");
    const [was, is] = await Promise.all([treeOf(before), treeOf(after)]);
    return { outcome: await outcomeOf(was, is, base, phases), tree: is };
  }
}
