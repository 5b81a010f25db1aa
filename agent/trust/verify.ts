/**
 * The verification of a delivery: the client workflow of TUF (specification 1.0.34, section 5) on tuf-js's
 * `TrustedMetadataStore`, then the plan. Pure. Every check names the attack that it stops.
 */
import {
  type Delivery,
  delivered,
  deliveryLimits,
  firstError,
  parseJson,
  Revision,
  readerOf,
} from "@millwright/schema";
import type { Root } from "@tufjs/models";
import { attempt, recall } from "./blame.ts";
import { unlike } from "./described.ts";
import { missing, provePlan, type Self } from "./host-plan.ts";
import type { Memory } from "./memory.ts";
import { hasDistinctKeys, hasStrongKeys, isRotated, sharesKeys } from "./role-keys.ts";
import type { RunTime } from "./run-time.ts";
import { misshapen, tooLarge } from "./shapes.ts";
import { type Opened, openStore, setTime } from "./store.ts";
import { type Refused, refused, type Verdict } from "./verdict.ts";

/** How many roots one delivery may bring (section 5.3.3). */
const MAX_ROOTS = 256;
const readRevision = readerOf(Revision);

/** One run of the workflow: what is offered, and what has been proved of it so far. */
interface Run {
  readonly store: Opened["store"];
  readonly offered: Delivery;
  /** The root that this host trusted before the run. */
  readonly before: Root;
  /** What this host accepted before the run. */
  readonly last: Delivery | undefined;
  /** The files that passed, to be remembered. */
  readonly passed: Map<string, Uint8Array>;
  root: Uint8Array;
}

export function verify(delivery: Delivery, memory: Memory, self: Self, time: RunTime): Verdict {
  if (memory.kind === "none") return refused("trust/no-root", "Nothing can be proved.");
  if (memory.kind === "damaged") return refused("trust/damaged", memory.message);
  // 5.1, 5.2: the time is fixed once, so that no clock that jumps in the middle lets something through. Freeze by a clock
  // that was set back: it is never earlier than when something was accepted last.
  const now = Math.max(time.clock, time.floor);
  const opened = openStore(memory.root, now);
  if (!opened.ok) return opened;
  const { store } = opened;
  const run: Run = {
    ...{ store, offered: delivery, last: memory.accepted, root: memory.root },
    before: store.root.signed,
    passed: new Map(),
  };
  const wrong =
    followRoots(run) ?? takeTimestamp(run, time) ?? takeSnapshot(run) ?? takeTargets(run);
  if (wrong) return wrong;
  const revision = takeRevision(run);
  if ("reason" in revision) return revision;
  const proof = provePlan(delivery, revision, self);
  if (!proof.ok) return proof;
  for (const name of [delivered.plan, delivered.inclusion]) keep(run, name);
  return {
    ok: true,
    verified: proof.verified,
    memory: {
      ...memory,
      root: run.root,
      accepted: run.passed,
      seen: isExchanged(run) ? time.clock : now,
    },
    freshUntil: Date.parse(store.timestamp?.signed.expires ?? ""),
  };
}

/** 5.3: from the root that this host trusts to the newest. */
function followRoots(run: Run): Refused | undefined {
  const { store, offered, before } = run;
  for (;;) {
    const name = delivered.root(store.root.signed.version + 1);
    const bytes = offered.get(name);
    if (bytes === undefined) return undefined;
    // Endless data: a chain of roots must end.
    if (store.root.signed.version - before.version >= MAX_ROOTS)
      return refused("trust/too-large", `More than ${MAX_ROOTS} roots were delivered.`);
    // Arbitrary root: enough keys of the root before and of its own have signed. Rollback: it counts up by one.
    const wrong =
      misshapen(name, "root", bytes) ?? attempt(name, () => store.updateRoot(Buffer.from(bytes)));
    if (wrong) return wrong;
    // One key under two names: one person must not count as two.
    if (!hasDistinctKeys(store.root.signed)) return refused("trust/one-key-twice", `${name}:`);
    // A key that anybody can sign with, because a signature of small order verifies for what nobody signed.
    if (!hasStrongKeys(store.root.signed)) return refused("trust/weak-key", `${name}:`);
    run.root = bytes;
  }
}

/** 5.4: the timestamp, which says what is the newest. */
function takeTimestamp(run: Run, { clock }: RunTime): Refused | undefined {
  const { store, offered, passed } = run;
  // Fast-forward of the time: whoever stole the online keys could keep a floor alive that is still to come.
  if (isExchanged(run)) setTime(store, clock);
  const name = delivered.timestamp;
  const bytes = offered.get(name);
  if (bytes === undefined) return missing(name);
  const held = floorOf(run)?.get(name);
  const forgotten =
    held && recall(`the accepted ${name}`, () => store.updateTimestamp(Buffer.from(held)));
  if (forgotten) return forgotten;
  const floor = store.timestamp;
  // Arbitrary timestamp: the online key has signed. Rollback: it is not older than the last, and names no older snapshot.
  // Freeze: it has not expired; what somebody held back for a day is not what people want now.
  const wrong =
    misshapen(name, "timestamp", bytes) ??
    attempt(name, () => store.updateTimestamp(Buffer.from(bytes)));
  if (wrong) return wrong;
  // Of two timestamps of one version the one that was known first stays in force.
  passed.set(name, held !== undefined && store.timestamp === floor ? held : bytes);
  return undefined;
}

/** 5.5: the snapshot, which says what belongs together. */
function takeSnapshot(run: Run): Refused | undefined {
  const { store, offered } = run;
  const meta = store.timestamp?.signed.snapshotMeta;
  if (meta === undefined) throw new Error("impossible: section 5.4 left no timestamp");
  const name = delivered.snapshot(meta.version);
  const bytes = offered.get(name);
  if (bytes === undefined) return missing(name);
  const [heldName = "", held] =
    [...(floorOf(run) ?? [])].find(([file]) => file.endsWith(".snapshot.json")) ?? [];
  const forgotten =
    held && recall(`the accepted ${heldName}`, () => store.updateSnapshot(Buffer.from(held), true));
  if (forgotten) return forgotten;
  // Mix-and-match: exactly the file that the timestamp names. Arbitrary snapshot: the online key has signed.
  // Rollback: no targets vanish or get older. Freeze: it has not expired.
  const wrong =
    misshapen(name, "snapshot", bytes) ??
    unlike(name, meta, bytes) ??
    attempt(name, () => store.updateSnapshot(Buffer.from(bytes)));
  return wrong ?? keep(run, name);
}

/** 5.6: the targets, which carry the signatures of people. */
function takeTargets(run: Run): Refused | undefined {
  const { store, offered } = run;
  const meta = store.snapshot?.signed.meta["targets.json"];
  if (meta === undefined)
    throw new Error("impossible: section 5.5 left a snapshot without targets");
  const name = delivered.targets(meta.version);
  const bytes = offered.get(name);
  if (bytes === undefined) return missing(name);
  // Mix-and-match: exactly the file that the snapshot names. Arbitrary install: enough of those whom the root admits
  // have signed. Freeze: it has not expired.
  const wrong =
    misshapen(name, "targets", bytes) ??
    unlike(name, meta, bytes) ??
    attempt(name, () => store.updateDelegatedTargets(Buffer.from(bytes), "targets", "root"));
  return wrong ?? keep(run, name);
}

/** 5.7: the one target, which is the revision. */
function takeRevision(run: Run): Revision | Refused {
  const { store, offered, before, last } = run;
  const name = delivered.revision;
  const targets = store.targets?.signed;
  const target = targets?.targets[name];
  if (target === undefined) throw new Error("impossible: section 5.6 left no target");
  const bytes = offered.get(name);
  if (bytes === undefined) return missing(name);
  // Endless data: no revision is that large.
  if (bytes.length > deliveryLimits.revision) return tooLarge(name, bytes, deliveryLimits.revision);
  // Mix-and-match: exactly the statement that people signed, to the byte.
  const wrong = unlike(name, target, bytes);
  if (wrong) return wrong;
  const statement = readRevision(parseJson(Buffer.from(bytes).toString("utf8")));
  if (!statement.ok) return refused("trust/malformed", `${name}: ${firstError(statement.errors)}.`);
  const { number } = statement.value.predicate;
  // Mix-and-match: TUF's version and our number name one thing, so that there is one floor.
  if (number !== targets?.version)
    return refused(
      "trust/mix-and-match",
      `Revision ${number} lies in targets ${targets?.version}.`,
    );
  const known = last?.get(name);
  // Rollback, by our own count, which outlives an exchange of the online keys (5.3.11). It ends only when nobody who
  // could have signed the last number may sign any more: numbers that thieves burnt would otherwise stay burnt.
  if (known !== undefined && sharesKeys(before, store.root.signed, "targets")) {
    const floor = numberOf(known);
    if (number < floor)
      return refused("trust/rolled-back", `Revision ${number} is offered after ${floor}.`);
    // Equivocation: two revisions under one number, so that hosts differ and no record shows it.
    if (number === floor && !Buffer.from(bytes).equals(known))
      return refused("trust/equivocation", `Revision ${number} is not what it was.`);
  }
  keep(run, name);
  return statement.value;
}

/**
 * What was accepted before, as the floor under the versions of timestamp and snapshot. Nothing after an exchange of
 * their keys (5.3.11): whoever stole one may have counted the versions up to the end.
 */
function floorOf({ last, before, store }: Run): Delivery | undefined {
  return isExchanged({ before, store }) ? undefined : last;
}

/** The keys that the hub signs with are other ones than before the run. */
function isExchanged({ before, store }: Pick<Run, "before" | "store">): boolean {
  const now = store.root.signed;
  return isRotated(before, now, "timestamp") || isRotated(before, now, "snapshot");
}

function numberOf(known: Uint8Array): number {
  const statement = readRevision(parseJson(Buffer.from(known).toString("utf8")));
  if (!statement.ok) throw new Error("impossible: an accepted revision that is none");
  return statement.value.predicate.number;
}

function keep({ offered, passed }: Run, name: string): undefined {
  const bytes = offered.get(name);
  if (bytes !== undefined) passed.set(name, bytes);
}
