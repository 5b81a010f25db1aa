import { setImmediate as turn } from "node:timers/promises";
import {
  canonicalBytes,
  type Digest,
  digestOf,
  firstError,
  type HostName,
  HostPlan,
  type PlanTree,
  parseJson,
  planTreeOf,
  readerOf,
} from "@millwright/schema";
import { type PublishedRevision, readPlans } from "./published.ts";
import { rootOfRevision } from "./statement.ts";
import { accepted, type Denied, denied, type Verdict } from "./verdict.ts";

const readPlan = readerOf(HostPlan);

/** The plans of a revision that hash to the root it names. */
export interface CheckedPlans {
  readonly published: PublishedRevision;
  readonly digests: ReadonlyMap<HostName, Digest>;
  /** For proofs of inclusion. */
  readonly tree: PlanTree;
}

/** A plan as it was read: sound in itself, the revision as a whole not proved yet. */
export interface ReadPlan {
  readonly plan: HostPlan;
  readonly bytes: Buffer;
  readonly digest: Digest;
}

/** So many plans are read between two turns of the event loop: a hub has other work. */
const PLANS_A_TURN = 20;

/**
 * Computes the root again from the files, one plan in memory at a time; `each` sees those that are sound.
 * With `previous`, plans that have not changed since then are not read again.
 */
export async function checkPlans(
  published: PublishedRevision,
  previous: CheckedPlans | undefined,
  signal: AbortSignal,
  each: (read: ReadPlan) => void = () => undefined,
): Promise<Verdict<CheckedPlans>> {
  const digests = new Map<HostName, Digest>();
  const unread: HostName[] = [];
  for (const [host, id] of published.plans) {
    const known = previous?.published.plans.get(host) === id && previous.digests.get(host);
    if (known) digests.set(host, known);
    else unread.push(host);
  }
  const faults: Denied[] = [];
  let count = 0;
  for await (const [host, bytes] of readPlans(published, unread, signal)) {
    const digest = digestOf(bytes);
    digests.set(host, digest);
    const plan = soundPlan(host, bytes);
    if (plan.ok) each({ plan: plan.value, bytes, digest });
    else faults.push(plan);
    count += 1;
    if (count % PLANS_A_TURN === 0) await turn();
  }
  const tree = planTreeOf(digests);
  const { predicate } = published.revision;
  const signed = rootOfRevision(published.revision);
  // A changed, added or missing plan: people signed another tree.
  if (tree.root !== signed || predicate.hosts !== digests.size) {
    const found = `${digests.size} plans with root ${tree.root}`;
    return denied(
      "release/changed-plan",
      `Signed were ${predicate.hosts} plans with root ${signed}; on the branch are ${found}.`,
      faults.flatMap(({ hosts }) => hosts),
    );
  }
  return faults[0] ?? accepted({ published, digests, tree });
}

function soundPlan(host: HostName, bytes: Buffer): Verdict<HostPlan> {
  const value = parseJson(bytes.toString("utf8"));
  const plan = readPlan(value);
  if (!plan.ok) {
    const message = `plans/${host}.json: ${firstError(plan.errors)}.`;
    return denied("release/bad-plan", message, [host]);
  }
  // Two texts of one plan would be two digests, and a host could be told that it changed.
  if (!canonicalBytes(value).equals(bytes)) {
    return denied("release/not-canonical", `plans/${host}.json is not canonical JSON.`, [host]);
  }
  // Misdelivery: a plan filed under another name would be handed to that host.
  return plan.value.host === host
    ? accepted(plan.value)
    : denied("release/other-host", `plans/${host}.json is for ${plan.value.host}.`, [host]);
}
