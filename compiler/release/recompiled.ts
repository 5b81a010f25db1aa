import type { HostName } from "@millwright/schema";
import type { Compiled } from "../compile.ts";
import type { Stage } from "../diagnostic/diagnostic.ts";
import { Failure } from "../failure.ts";
import type { CheckedPlans } from "./checked-plans.ts";
import { git } from "./git.ts";
import { commitOf } from "./objects.ts";
import { COMPILER, rootOfRevision } from "./statement.ts";
import { accepted, denied, type Verdict } from "./verdict.ts";

/** Compiles a commit of the repository, whatever is checked out. */
export type CompileCommit = (commit: string, signal: AbortSignal) => Promise<Stage<Compiled>>;

/** A revision whose plans are what its commit says, byte for byte. */
export interface Recompiled {
  readonly number: number;
  readonly commit: string;
  readonly root: string;
  readonly hosts: number;
}

/**
 * Compiles the commit that the revision names and compares: nobody slipped in a plan that no definition asked for.
 * `repository` must hold that commit; it may be another clone than the one the revision was read from.
 */
export async function verifyRecompiled(
  repository: string,
  plans: CheckedPlans,
  compile: CompileCommit,
  signal: AbortSignal,
): Promise<Verdict<Recompiled>> {
  const { published, digests } = plans;
  const { predicate } = published.revision;
  const { number, commit } = predicate;
  if ((await commitOf(repository, commit, signal)) === undefined) {
    throw new Failure(
      "release/no-commit",
      `Revision ${number} names commit ${commit}, which ${repository} does not hold. Fetch it and verify again.`,
    );
  }
  const tree = await git(repository, ["rev-parse", `${commit}^{tree}`], {}, signal);
  if (tree.toString("utf8").trim() !== predicate.tree) {
    return denied("release/false-statement", `Commit ${commit} has no tree ${predicate.tree}.`);
  }
  const stage = await compile(commit, signal);
  if (!stage.ok) {
    const { code, message } = stage.problems[0] ?? { code: "", message: "" };
    return denied("release/does-not-compile", `Commit ${commit}: ${code} ${message}`);
  }
  const compiled = stage.value;
  const root = rootOfRevision(published.revision);
  if (compiled.tree.root !== root) {
    const hosts = differing(digests, compiled);
    const versions =
      predicate.compiler === COMPILER
        ? ""
        : ` It was made by compiler ${predicate.compiler}; this is ${COMPILER}.`;
    return denied(
      "release/wrong-root",
      `Commit ${commit} compiles to root ${compiled.tree.root}; revision ${number} signs ${root}. ${hosts.length} hosts differ.${versions}`,
      hosts,
    );
  }
  if (
    compiled.lock !== predicate.lock ||
    compiled.definitions.fleet.value.name !== predicate.fleet
  ) {
    const message = `Revision ${number} names another lock or fleet than commit ${commit} has.`;
    return denied("release/false-statement", message);
  }
  const { sovereignty } = predicate;
  if (sovereignty !== undefined && sovereignty.graph !== compiled.proved.certificate().graph) {
    const message = `Revision ${number} names another proof of where data goes than commit ${commit} has.`;
    return denied("release/false-statement", message);
  }
  return accepted({ number, commit, root, hosts: digests.size });
}

function differing(digests: CheckedPlans["digests"], { plans }: Compiled): readonly HostName[] {
  const hosts = new Set([...digests.keys(), ...plans.keys()]);
  return [...hosts].filter((host) => digests.get(host) !== plans.get(host)?.digest).sort();
}
