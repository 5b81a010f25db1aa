import { setImmediate as turn } from "node:timers/promises";
import { canonicalDigest, type Digest, type Sample } from "@millwright/schema";
import { batches } from "./hosts.ts";
import { type Quarantined, quarantine } from "./quarantine.ts";
import type { Database } from "./tables.ts";

/** A sealed part of a host's spool whose signature and place have been checked. */
export interface Segment {
  readonly host: string;
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  /** Of the body as it came. */
  readonly digest: Digest;
  readonly bytes: number;
  readonly samples: readonly Sample[];
  /** Lines that are no samples. */
  readonly unreadable: readonly Quarantined[];
}

interface Taken {
  readonly added: readonly Sample[];
  readonly quarantined: number;
}

export interface StoredSample {
  readonly receivedAt: number;
  /** JSON of `Sample`. */
  readonly sample: string;
}

interface SampleQuery {
  readonly limit: number;
  readonly kind?: string | undefined;
  /** Those that arrived before this one. */
  readonly after?: string | undefined;
}

export interface FeedbackTable {
  /** Takes a segment, whole or not at all. The same segment, or the same samples in another, change nothing. */
  take(segment: Segment, now: number): Promise<Taken>;
  /** Newest first; `undefined` when `after` is unknown. */
  list(query: SampleQuery): Promise<readonly StoredSample[] | undefined>;
  counts(): Promise<{ readonly samples: number; readonly quarantined: number }>;
}

export function feedbackTable(database: Database): FeedbackTable {
  return {
    async take(segment, now) {
      return database.transaction().execute(async (transaction) => {
        const { host, epoch, first, last, digest, bytes, samples, unreadable } = segment;
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto("segments")
          .values({
            ...{ host, epoch, first_seq: first, last_seq: last, digest, bytes, received_at: now },
            samples: samples.length,
          })
          .onConflict((conflict) =>
            conflict.columns(["host", "epoch", "first_seq", "last_seq", "digest"]).doNothing(),
          )
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows === 0n) return { added: [], quarantined: 0 };
        let quarantined = 0;
        for (const line of unreadable) {
          if (await quarantine(transaction, line, now)) quarantined += 1;
        }
        // What is to be forgotten by now is acknowledged and not kept.
        const lasting = samples.filter(({ governance }) => governance.expiresAt > now);
        const added: Sample[] = [];
        for (const batch of batches(lasting)) {
          const taken = await takeBatch(transaction, batch, now);
          added.push(...taken.added);
          quarantined += taken.quarantined;
          // A large segment must not hold up every connection of the hub.
          await turn();
        }
        return { added, quarantined };
      });
    },
    async list({ limit, kind, after }) {
      let query = database.selectFrom("samples").select(["received_at", "sample"]);
      if (kind !== undefined) query = query.where("kind", "=", kind);
      if (after !== undefined) {
        const from = await database
          .selectFrom("samples")
          .select(["received_at", "id"])
          .where("id", "=", after)
          .executeTakeFirst();
        if (from === undefined) return undefined;
        query = query.where((expression) =>
          expression.or([
            expression("received_at", "<", from.received_at),
            expression.and([
              expression("received_at", "=", from.received_at),
              expression("id", "<", from.id),
            ]),
          ]),
        );
      }
      const rows = await query
        .orderBy("received_at", "desc")
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
      return rows.map(({ received_at, sample }) => ({ receivedAt: received_at, sample }));
    },
    async counts() {
      const count = async (table: "samples" | "quarantine") => {
        const query = database.selectFrom(table);
        const row = await query
          .select(({ fn }) => fn.countAll<number>().as("rows"))
          .executeTakeFirstOrThrow();
        return Number(row.rows);
      };
      return { samples: await count("samples"), quarantined: await count("quarantine") };
    },
  };
}

async function takeBatch(
  transaction: Database,
  samples: readonly Sample[],
  now: number,
): Promise<Taken> {
  const digests = new Map(samples.map((sample) => [sample, canonicalDigest(sample)]));
  const rows = samples.map((sample) => ({
    id: sample.id,
    host: sample.host,
    epoch: sample.epoch,
    seq: sample.seq,
    kind: sample.kind,
    task: sample.task,
    factory: sample.plan.factory,
    interaction_id: sample.interactionId,
    captured_at: sample.capturedAt,
    received_at: now,
    expires_at: sample.governance.expiresAt,
    digest: digests.get(sample) ?? "",
    sample: JSON.stringify(sample),
  }));
  const inserted = await transaction
    .insertInto("samples")
    .values(rows)
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning(["id", "digest"])
    .execute();
  const fresh = new Map(inserted.map(({ id, digest }) => [id, digest]));
  const added: Sample[] = [];
  const others: Sample[] = [];
  for (const sample of samples) {
    if (fresh.get(sample.id) !== digests.get(sample)) others.push(sample);
    else if (fresh.delete(sample.id)) added.push(sample);
  }
  const quarantined = await setApart(transaction, others, digests, now);
  return { added, quarantined };
}

/** Of samples whose id is taken: those that say something else than the one that came first. */
async function setApart(
  transaction: Database,
  samples: readonly Sample[],
  digests: ReadonlyMap<Sample, Digest>,
  now: number,
): Promise<number> {
  if (samples.length === 0) return 0;
  const ids = samples.map(({ id }) => id);
  const query = transaction.selectFrom("samples").select(["id", "digest"]);
  const rows = await query.where("id", "in", ids).execute();
  const known = new Map(rows.map(({ id, digest }) => [id, digest]));
  let count = 0;
  for (const sample of samples) {
    if (known.get(sample.id) === digests.get(sample)) continue;
    const { host, id, governance } = sample;
    const reason = "feedback/same-id-other-content";
    const body = JSON.stringify(sample);
    const { expiresAt } = governance;
    const apart = { host, what: "sample", id, reason, expiresAt, body } as const;
    if (await quarantine(transaction, apart, now)) count += 1;
  }
  return count;
}
