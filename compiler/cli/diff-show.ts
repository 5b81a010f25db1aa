import { visible } from "@millwright/schema";
import type { SourceTree } from "../source/source.ts";
import { type Context, printJson } from "./context.ts";
import { lineOf } from "./diagnostic-line.ts";
import type { Outcome } from "./diff-outcome.ts";
import type { ExitCode } from "./terminal.ts";

export interface DiffForm {
  readonly markdown?: true;
  readonly json?: true;
}

/** Ids of the commits that were compared. */
export interface ComparedCommits {
  readonly base: string;
  /** Null: the folder as it lies. */
  readonly head: string | null;
}

/** Tells what came of a comparison, in one of three forms. `tree`: the text that diagnostics point into. */
export async function show(
  outcome: Outcome,
  commits: ComparedCommits,
  tree: () => Promise<SourceTree>,
  form: DiffForm,
  context: Context,
): Promise<ExitCode> {
  const found = outcome.kind === "compared" ? outcome.diff.found : outcome.found;
  // Without anything to say of the text of the definitions nobody reads it.
  const text = found.length === 0 ? undefined : await tree();
  if (form.json) await showJson(outcome, commits, text?.files ?? new Map(), context);
  else if (form.markdown) await showMarkdown(outcome, context);
  else await showText(outcome, context);
  if (text !== undefined && !form.json && (!form.markdown || outcome.kind !== "compared")) {
    const { showDiagnostics } = await import("./diagnostics-text.ts");
    showDiagnostics(found, text, false, context);
  }
  if (outcome.kind === "baseless" && !form.json)
    context.terminal.err(`error[${BASELESS}]: ${visible(outcome.reason)}\n`);
  const isDenied = found.some(({ severity }) => severity === "error");
  return outcome.kind !== "compared" || isDenied ? 1 : 0;
}

const BASELESS = "diff/base-does-not-compile";

async function showJson(
  outcome: Outcome,
  commits: ComparedCommits,
  files: SourceTree["files"],
  context: Context,
): Promise<void> {
  const { jsonOf } = await import("../diagnostic/diagnostic.ts");
  if (outcome.kind !== "compared") {
    printJson(context, {
      ...commits,
      comparison: null,
      diagnostics: jsonOf(outcome.found, files),
      ...(outcome.kind === "baseless" && { error: { code: BASELESS, message: outcome.reason } }),
    });
    return;
  }
  const { comparison, found } = outcome.diff;
  const { freezeHits } = await import("./freeze-hits.ts");
  const freeze = freezeHits(comparison.windows, context.terminal.now());
  printJson(context, {
    ...commits,
    comparison: { ...comparison, freeze },
    diagnostics: jsonOf(found, files),
  });
}

async function showMarkdown(outcome: Outcome, { terminal }: Context): Promise<void> {
  const { markdownOf, refusalOf } = await import("./diff-markdown.ts");
  const said = (outcome.kind === "compared" ? outcome.diff.found : outcome.found).map(lineOf);
  if (outcome.kind === "refused") terminal.out(refusalOf("this change does not compile", said));
  else if (outcome.kind === "baseless")
    terminal.out(
      refusalOf("what this change is made to does not compile", [outcome.reason, ...said]),
    );
  else {
    const { freezeHits } = await import("./freeze-hits.ts");
    const { comparison } = outcome.diff;
    terminal.out(markdownOf(comparison, freezeHits(comparison.windows, terminal.now()), said));
  }
}

async function showText(outcome: Outcome, { terminal }: Context): Promise<void> {
  if (outcome.kind !== "compared") return;
  const { textOfComparison } = await import("./diff-text.ts");
  const { freezeHits } = await import("./freeze-hits.ts");
  const { comparison } = outcome.diff;
  terminal.out(textOfComparison(comparison, freezeHits(comparison.windows, terminal.now())));
}
