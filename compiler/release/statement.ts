import { canonicalBytes, REVISION_TYPE, type Revision } from "@millwright/schema";
import type { Compiled } from "../compile.ts";
import manifest from "../package.json" with { type: "json" };

/** The version of this compiler, as revisions name it. */
export const COMPILER: string = manifest.version;

/** Where the released definitions come from: a `SourceTree` that was read at a commit. */
export interface ReleasedSource {
  readonly repository: string;
  readonly at: { readonly commit: string; readonly tree: string };
}

/** What people sign of a compilation. */
export function revisionOf(compiled: Compiled, source: ReleasedSource, number: number): Revision {
  const { lock } = compiled;
  const { rules, graph, nodes, edges } = compiled.proved.certificate();
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "plans", digest: { sha256: compiled.tree.root } }],
    predicateType: REVISION_TYPE,
    predicate: {
      number,
      fleet: compiled.definitions.fleet.value.name,
      repository: source.repository,
      commit: source.at.commit,
      tree: source.at.tree,
      ...(lock === undefined ? {} : { lock }),
      compiler: COMPILER,
      hosts: compiled.plans.size,
      sovereignty: { rules, graph, nodes: nodes.length, edges: edges.length },
    },
  };
}

export function revisionBytes(revision: Revision): Buffer {
  return canonicalBytes(revision);
}

/** The root of the tree of plans that the revision is about, 64 hex digits. */
export function rootOfRevision(revision: Revision): string {
  return revision.subject[0].digest.sha256;
}
