import {
  canonicalDigest,
  Envelope,
  open,
  type PublicKey,
  parseJson,
  RECEIPT_TYPE,
  Receipt,
  readerOf,
} from "@millwright/schema";
import type { AgreedRevision } from "./agreed.ts";

const readEnvelope = readerOf(Envelope);
const readReceipt = readerOf(Receipt);

/** What does not fit. `audit/why`, permanent. */
export interface Fault {
  readonly code:
    | "audit/unknown-revision"
    | "audit/bad-signature"
    | "audit/other-plan"
    | "audit/gap"
    | "audit/forked";
  readonly message: string;
  readonly host?: string;
}

/** One revision on one host. */
export interface Entry {
  readonly revision: number;
  readonly plan: string;
  readonly commit: string;
  readonly author?: string;
  readonly subject?: string;
  readonly signers: readonly PublicKey[];
  /** `unconfirmed`: the host has said nothing of it. */
  readonly result: "running" | "failed" | "unconfirmed";
  /** By the host's clock, in milliseconds since the Unix epoch. `until` is absent while it runs. */
  readonly from?: number;
  readonly until?: number;
  readonly reason?: string;
  readonly models: readonly string[];
}

export interface HostAudit {
  readonly host: string;
  /** Newest first. */
  readonly entries: readonly Entry[];
}

export interface AuditReport {
  readonly hosts: readonly HostAudit[];
  readonly faults: readonly Fault[];
}

export interface AuditWish {
  /** A host, or the beginning of a commit; all when absent. */
  readonly about?: string;
  /** Only what ran at this instant. Milliseconds since the Unix epoch. */
  readonly at?: number;
}

interface Proved {
  readonly receipt: Receipt;
  readonly key: PublicKey;
}

/** Joins what was agreed with what hosts say, and holds each receipt against its own revision. */
export function joined(
  revisions: readonly AgreedRevision[],
  envelopes: readonly unknown[],
  wish: AuditWish = {},
): AuditReport {
  const faults: Fault[] = [];
  const byNumber = new Map(revisions.map((each) => [each.number, each]));
  const proved = envelopes.flatMap((envelope) => {
    const verdict = provedIn(envelope, byNumber);
    if ("code" in verdict) faults.push(verdict);
    return "code" in verdict ? [] : [verdict];
  });
  const byHost = Map.groupBy(proved, ({ receipt }) => receipt.host);
  for (const [host, all] of byHost) faults.push(...chainFaults(host, all));
  const names = [...new Set(revisions.flatMap(({ plans }) => [...plans.keys()]))].sort();
  const hosts = names
    .map((host) => ({ host, entries: entriesOf(host, revisions, byHost.get(host) ?? []) }))
    .map(({ host, entries }) => ({ host, entries: entries.filter(wishedFor(host, wish)) }))
    .filter(({ entries }) => entries.length > 0);
  const shown = new Set(hosts.map(({ host }) => host));
  const isWhole = wish.about === undefined;
  return {
    hosts,
    faults: faults.filter(({ host }) => isWhole || host === undefined || shown.has(host)),
  };
}

/** The receipt, when the host that its revision names signed it, and it is of the plan that the revision has for it. */
function provedIn(text: unknown, revisions: ReadonlyMap<number, AgreedRevision>): Proved | Fault {
  const envelope = readEnvelope(text);
  const payload = envelope.ok ? Buffer.from(envelope.value.payload, "base64").toString("utf8") : "";
  const receipt = readReceipt(parseJson(payload));
  if (!envelope.ok || !receipt.ok)
    return { code: "audit/bad-signature", message: "Something among the receipts is none." };
  const { host, revision, plan, counter } = receipt.value;
  const which = `receipt ${counter} of ${host}`;
  const agreed = revisions.get(revision);
  const planned = agreed?.plans.get(host);
  if (agreed === undefined || planned === undefined)
    return {
      code: "audit/unknown-revision",
      message: `The ${which} is of revision ${revision}, which ${agreed === undefined ? "the branch does not have" : "has no plan for it"}.`,
      host,
    };
  // Forgery: the key is the one that people signed, not one that a hub names.
  if (open(envelope.value, RECEIPT_TYPE, planned.key) === undefined)
    return {
      code: "audit/bad-signature",
      message: `The ${which} is not signed by the key that revision ${revision} has for it.`,
      host,
    };
  if (plan !== planned.digest)
    return {
      code: "audit/other-plan",
      message: `The ${which} says that plan ${plan.slice(0, 19)}… was applied; revision ${revision} has ${planned.digest.slice(0, 19)}… for it.`,
      host,
    };
  return { receipt: receipt.value, key: planned.key };
}

/** Receipts of one key count up by one, each from the one before. */
function chainFaults(host: string, all: readonly Proved[]): readonly Fault[] {
  return [...Map.groupBy(all, ({ key }) => key).values()].flatMap((chain) => {
    const sorted = chain.map(({ receipt }) => receipt).sort((a, b) => a.counter - b.counter);
    return sorted.flatMap((receipt, index): Fault[] => {
      const former = sorted[index - 1];
      const at = former?.counter ?? 0;
      if (receipt.counter > at + 1) {
        const lost = receipt.counter - at - 1;
        const message = `${lost} receipts of ${host} are missing before number ${receipt.counter}.`;
        return [{ code: "audit/gap", message, host }];
      }
      const follows =
        former === undefined ||
        (receipt.counter === at + 1 && receipt.before === canonicalDigest(former));
      const message = `Receipt ${receipt.counter} of ${host} does not follow on the one before: two machines may have its key.`;
      return follows ? [] : [{ code: "audit/forked", message, host }];
    });
  });
}

function entriesOf(
  host: string,
  revisions: readonly AgreedRevision[],
  proved: readonly Proved[],
): readonly Entry[] {
  const told = proved.map(({ receipt }) => receipt).sort((a, b) => a.at - b.at);
  const starts = told.filter(({ result }) => result === "running");
  return revisions.flatMap(({ number, commit, source, signers, plans }): Entry[] => {
    const planned = plans.get(host);
    if (planned === undefined) return [];
    const of = told.filter(({ revision }) => revision === number);
    const ran = of.find(({ result }) => result === "running");
    const last = ran ?? of.at(-1);
    const next = ran && starts.find(({ at, counter }) => counter > ran.counter && at >= ran.at);
    return [
      {
        ...{ revision: number, plan: planned.digest, commit, signers },
        ...(source !== undefined && {
          author: `${source.author} <${source.email}>`,
          subject: source.subject,
        }),
        result: last?.result ?? "unconfirmed",
        ...(last !== undefined && { from: last.at }),
        ...(next !== undefined && { until: next.at }),
        ...(last?.reason !== undefined && { reason: last.reason }),
        models: ran?.models ?? [],
      },
    ];
  });
}

function wishedFor(host: string, { about, at }: AuditWish): (entry: Entry) => boolean {
  return ({ commit, result, from, until }) =>
    (about === undefined || about === host || commit.startsWith(about)) &&
    (at === undefined ||
      (result === "running" &&
        from !== undefined &&
        from <= at &&
        (until === undefined || at < until)));
}
