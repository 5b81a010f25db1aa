import { visible } from "@millwright/schema";
import type { Compiled, Session } from "../compile.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";
import type { KnownDiff } from "./diff-cache.ts";
import type { Phases } from "./phases.ts";

/** What came of comparing two trees. */
export type Outcome =
  | { readonly kind: "compared"; readonly diff: KnownDiff }
  /** The change does not compile. */
  | { readonly kind: "refused"; readonly found: readonly Diagnostic[] }
  /** What is there already does not compile: nothing can be compared with it. What is said of the change stands alone. */
  | { readonly kind: "baseless"; readonly reason: string; readonly found: readonly Diagnostic[] };

/** Both sides in one session: hosts whose read-sets are the same are rendered once. Warnings may be what policies deny. */
export async function outcomeOf(
  before: SourceTree,
  after: SourceTree,
  name: string,
  phases: Phases,
): Promise<Outcome> {
  const { newSession } = await import("../compile.ts");
  const session = newSession();
  phases.begin(`compiling ${visible(name)}`);
  const was = isEmpty(before) ? undefined : baseOf(session, before);
  phases.begin("compiling the change");
  const is = session.compile(after);
  if (typeof was === "string") {
    const reason = `${name} does not compile, so nothing can be compared with it: ${was}. Name a commit that does, or run millwright check --at ${name}.`;
    return { kind: "baseless", reason, found: is.ok ? is.warnings : is.problems };
  }
  if (!is.ok) return { kind: "refused", found: is.problems };
  const { compare } = await import("../compare/compare.ts");
  // Before the first definitions there is no change that a policy could judge.
  const judged =
    was === undefined ? [] : (await import("./change-policies.ts")).judgedChange(was, is.value);
  const diff = { comparison: compare(was, is.value), found: [...is.warnings, ...judged] };
  return { kind: "compared", diff };
}

/** A commit from before the first definitions: the change brings all there is. A link in their place is no nothing. */
function isEmpty({ files, passedOver = [] }: SourceTree): boolean {
  return files.size === 0 && passedOver.length === 0;
}

/** Or the first thing that is wrong with it. */
function baseOf(session: Session, tree: SourceTree): Compiled | string {
  const stage = session.compile(tree);
  if (stage.ok) return stage.value;
  const first = stage.problems.find(({ severity }) => severity === "error") ?? stage.problems[0];
  return first === undefined ? "nothing says why" : `${first.code}: ${first.message}`;
}
