/**
 * What the hub remembers: hosts, revisions, receipts, feedback, events.
 *
 * In: values that have been checked. Out: the same, after a restart too.
 * Promise: what was acknowledged is on the disk; a repeat changes nothing; what contradicts is set aside, not lost;
 * feedback is gone once its time is over. SQL that SQLite and PostgreSQL both understand.
 */
import { Kysely } from "kysely";
import { type EventTable, eventTable } from "./events.ts";
import { type FeedbackTable, feedbackTable } from "./feedback.ts";
import { type HostTable, hostTable } from "./hosts.ts";
import { migrate } from "./migrations.ts";
import { quarantined, type StoredQuarantined } from "./quarantine.ts";
import { type ReceiptTable, receiptTable } from "./receipts.ts";
import { type RevisionTable, revisionTable } from "./revisions.ts";
import { sqliteDialect } from "./sqlite.ts";
import type { Database, Tables } from "./tables.ts";

export type { StoredEvent } from "./events.ts";
export type { Segment, StoredSample } from "./feedback.ts";
export type { EnrolledHost, HostMemory, StoredHost } from "./hosts.ts";
export { QUARANTINE_MS, type Quarantined } from "./quarantine.ts";
export type { StoredRevision } from "./revisions.ts";

export interface Store extends AsyncDisposable {
  readonly hosts: HostTable;
  readonly revisions: RevisionTable;
  readonly feedback: FeedbackTable;
  readonly receipts: ReceiptTable;
  readonly events: EventTable;
  /** What was set aside for a person to look at, newest first. */
  quarantined(limit: number): Promise<readonly StoredQuarantined[]>;
  /** What must not be forgotten: `root`, `timestamp`. */
  fact(name: string): Promise<string | undefined>;
  setFact(name: string, value: string): Promise<void>;
  /** Deletes what is to be forgotten by `now`. Gives the number of samples. */
  forget(now: number): Promise<number>;
}

const EVENTS_KEPT_MS = 90 * 86_400_000;

export async function openStore(path: string): Promise<Store> {
  const database: Database = new Kysely<Tables>({ dialect: sqliteDialect(path) });
  await migrate(database);
  return {
    hosts: hostTable(database),
    revisions: revisionTable(database),
    feedback: feedbackTable(database),
    receipts: receiptTable(database),
    events: await eventTable(database),
    quarantined: (limit) => quarantined(database, limit),
    async fact(name) {
      const query = database.selectFrom("facts").select("value").where("name", "=", name);
      return (await query.executeTakeFirst())?.value;
    },
    async setFact(name, value) {
      await database
        .insertInto("facts")
        .values({ name, value })
        .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
        .execute();
    },
    async forget(now) {
      const { numDeletedRows } = await database
        .deleteFrom("samples")
        .where("expires_at", "<=", now)
        .executeTakeFirstOrThrow();
      await database.deleteFrom("quarantine").where("expires_at", "<=", now).execute();
      await database
        .deleteFrom("events")
        .where("at", "<", now - EVENTS_KEPT_MS)
        .execute();
      return Number(numDeletedRows);
    },
    [Symbol.asyncDispose]: () => database.destroy(),
  };
}
