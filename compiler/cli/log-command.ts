import { resolve } from "node:path";
import { kinds, visible } from "@millwright/schema";
import type { DefinitionHistory, HistoryStep } from "../history/history.ts";
import { type AddCommand, type Context, printJson } from "./context.ts";
import { parseCount } from "./log-count.ts";
import type { ExitCode } from "./terminal.ts";

interface Options {
  readonly repo: string;
  readonly at?: string;
  readonly n: number;
  readonly allBranches?: true;
  readonly json?: true;
}

const notes = `
By meaning, not by text: a commit is listed when what the definition comes to differs from all of its parents. What is
not committed yet stands on top, unless --at names a commit.

JSON: { name, kind, steps, end }, newest first; kind is null where the name is gone, and was of several kinds.
  step  { kind, of, file, commit, changes: [{ path, before?, after? }], movedFrom?, renamedFrom?, orBefore? }
        kind    added, changed, removed, moved (to another file), earliest (nobody can tell what was before)
        commit  { commit, date, author, email, subject }; null where it is not committed yet
        orBefore: true: it may have happened at a commit before, which cannot be read
  step  { kind: "unreadable", commit, commits, oldest?, why: { code, message, file? } }: so many commits in a row
  end   first, shallow (git fetch --unshallow), more (-n), limit (no more commits are looked at)
An unknown or ambiguous name is { error: { code, message } } and exit 1.

Example:
  $ millwright log support
  $ millwright log model/mail-triage --at main -n 5`;

export const logCommand: AddCommand = (program, context) => {
  program
    .command("log")
    .argument("<name>", "a definition, such as support; or its kind too, such as factory/support")
    .description("list the commits at which the value of one definition changed, and how")
    .option("--at <revision>", "begin at a commit: a branch, a tag, an id")
    .option("-n <count>", "changes to list", parseCount, 20)
    .option("--all-branches", "also what happened on branches whose value no merge took")
    .option("--repo <path>", "the repository", ".")
    .option("--json", "print JSON, as below")
    .addHelpText("after", notes)
    .action(async (name: string, options: Options) =>
      context.finish(await log(name, options, context)),
    );
};

async function log(given: string, options: Options, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const { definitionHistory } = await import("../history/history.ts");
  const { textOfLog } = await import("./log-text.ts");
  const kind = kinds.find((known) => given.startsWith(`${known}/`));
  const name = kind === undefined ? given : given.slice(kind.length + 1);
  const history = await definitionHistory(
    {
      repository: resolve(terminal.cwd, options.repo),
      at: options.at,
      kind,
      name,
      most: options.n,
      allBranches: options.allBranches === true,
      progress: progressOn(context),
    },
    terminal.signal,
  );
  if (history.kind === "told") {
    if (options.json) {
      const { of = null, steps, end } = history;
      printJson(context, { name, kind: of, steps: steps.map(jsonOf), end });
    } else terminal.out(textOfLog(name, history));
    return 0;
  }
  const error = await errorOf(given, history);
  if (options.json) printJson(context, { error });
  else terminal.err(`error[${error.code}]: ${visible(error.message)}\n`);
  return 1;
}

/** What is not committed has a commit all the same: none. */
function jsonOf({ commit, ...step }: HistoryStep): object {
  return { ...step, commit: commit ?? null };
}

async function errorOf(
  given: string,
  history: Exclude<DefinitionHistory, { readonly kind: "told" }>,
): Promise<{ readonly code: string; readonly message: string }> {
  if (history.kind === "ambiguous") {
    const all = history.kinds.map((kind) => `${kind}/${given}`).join(" and ");
    return { code: "log/ambiguous", message: `there are ${all}: name one of them` };
  }
  const { didYouMean } = await import("../diagnostic/diagnostic.ts");
  const { names, unreadable, end } = history;
  const hasKind = given.includes("/");
  const known = hasKind ? names : names.map((name) => name.slice(name.indexOf("/") + 1));
  const what = `no commit that can be read has a definition ${given.slice(0, 200)}`;
  const where = end === "shallow" ? " The clone is shallow: git fetch --unshallow." : "";
  const reason =
    unreadable && `; not all can be read, the newest for ${unreadable.code}: ${unreadable.message}`;
  return {
    code: "log/no-such-definition",
    message: `${what}${reason ?? ""}: ${didYouMean(given, known)}${where}`,
  };
}

/** Says something every two seconds, so that a long history is not taken for a standstill. */
function progressOn({ terminal }: Context): (looked: number, of: number) => void {
  let next = terminal.now() + 2_000;
  return (looked, of) => {
    if (terminal.now() < next) return;
    next = terminal.now() + 2_000;
    terminal.err(`Looked at ${looked} of ${of} commits …\n`);
  };
}
