import type { Compiled, Session } from "../compile.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { Failure } from "../failure.ts";
import { compilePolicies, judgeChange } from "../policy/policy.ts";
import { RELEASES, readRevision } from "../release/release.ts";
import { readCommit, type SourceTree } from "../source/source.ts";
import { lineOf } from "./diagnostic-line.ts";

/** What policies say of a change. Those of the side before count as well: a change cannot take away the rule that forbids it. */
export function judgedChange(before: Compiled, after: Compiled): readonly Diagnostic[] {
  const found = [before, after].flatMap(({ definitions }) => {
    const { policies } = compilePolicies(definitions);
    return judgeChange(policies, before.definitions, after.definitions, before.plans, after.plans);
  });
  return [...new Map(found.map((each) => [lineOf(each), each])).values()];
}

export interface JudgedRelease {
  readonly found: readonly Diagnostic[];
  /** Why the change could not be judged. */
  readonly unjudged?: string;
}

/** What policies say of the change since the last release. Before the first one there is no change to judge. */
export async function judgedSinceRelease(
  repository: string,
  session: Session,
  tree: SourceTree,
  after: Compiled,
  signal: AbortSignal,
): Promise<JudgedRelease> {
  const last = await readRevision(repository, RELEASES, signal);
  if (!last.ok) return { found: [] };
  const { commit } = last.value.revision.predicate;
  if (commit === tree.at?.commit) return { found: [] };
  let before: SourceTree;
  try {
    before = await readCommit(repository, commit, signal);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "source/no-such-revision") throw error;
    return {
      found: [],
      unjudged: `the commit of the last release, ${commit}, is not here: fetch it`,
    };
  }
  if (![before, tree].some(speaksOfPolicies)) return { found: [] };
  const stage = session.compile(before);
  if (!stage.ok)
    return {
      found: [],
      unjudged: `the commit of the last release, ${commit}, does not compile any more`,
    };
  return { found: judgedChange(stage.value, after) };
}

/** Nobody defines a policy without the word. */
function speaksOfPolicies({ files }: SourceTree): boolean {
  return [...files.values()].some((bytes) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes("policy"),
  );
}
