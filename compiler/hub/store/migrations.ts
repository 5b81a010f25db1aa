import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { Failure } from "../../failure.ts";
import type { Database } from "./tables.ts";

/**
 * In this order, each once. What stands here never changes: a new shape is a new entry.
 * Only types that SQLite and PostgreSQL both know: text, integer, bigint.
 */
const migrations: Readonly<Record<string, Migration>> = {
  "001-beginning": { up: beginning },
  "002-receipts-in-a-chain": { up: receiptsInAChain },
};

export async function migrate(database: Database): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    throw new Failure(
      "hub/database",
      "The database of the hub could not be brought up to date. Was its folder written by a newer version?",
      { cause: error },
    );
  }
}

/** Receipts from before have no place in the chain: their number is none. */
async function receiptsInAChain<T>({ schema }: Kysely<T>): Promise<void> {
  const table = () => schema.alterTable("receipts");
  await table()
    .addColumn("counter", "bigint", (column) => column.notNull().defaultTo(0))
    .execute();
  await table().addColumn("before", "text").execute();
  await table()
    .addColumn("key", "text", (column) => column.notNull().defaultTo(""))
    .execute();
  await schema
    .createIndex("receipts_chain")
    .on("receipts")
    .columns(["host", "key", "counter"])
    .execute();
}

async function beginning<T>(database: Kysely<T>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable("hosts")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("hubs", "text", (column) => column.notNull())
    .addColumn("site", "text", (column) => column.notNull())
    .addColumn("region", "text", (column) => column.notNull())
    .addColumn("plan", "text", (column) => column.notNull())
    .addColumn("enrolled_at", "bigint", (column) => column.notNull())
    .addColumn("last_seen", "bigint")
    .addColumn("status", "text")
    .addColumn("inventory", "text")
    .execute();
  await schema
    .createTable("revisions")
    .addColumn("number", "bigint", (column) => column.primaryKey())
    .addColumn("commit_id", "text", (column) => column.notNull())
    .addColumn("release_commit", "text", (column) => column.notNull())
    .addColumn("root", "text", (column) => column.notNull())
    .addColumn("digest", "text", (column) => column.notNull())
    .addColumn("fleet", "text", (column) => column.notNull())
    .addColumn("hosts", "integer", (column) => column.notNull())
    .addColumn("signers", "text", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("verified_at", "bigint", (column) => column.notNull())
    .execute();
  await schema
    .createTable("receipts")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("host", "text", (column) => column.notNull())
    .addColumn("revision", "bigint", (column) => column.notNull())
    .addColumn("plan", "text", (column) => column.notNull())
    .addColumn("result", "text", (column) => column.notNull())
    .addColumn("reason", "text")
    .addColumn("models", "text", (column) => column.notNull())
    .addColumn("made_at", "bigint", (column) => column.notNull())
    .addColumn("received_at", "bigint", (column) => column.notNull())
    .addColumn("digest", "text", (column) => column.notNull())
    .addColumn("envelope", "text", (column) => column.notNull())
    .execute();
  await schema
    .createTable("segments")
    .addColumn("host", "text", (column) => column.notNull())
    .addColumn("epoch", "text", (column) => column.notNull())
    .addColumn("first_seq", "bigint", (column) => column.notNull())
    .addColumn("last_seq", "bigint", (column) => column.notNull())
    .addColumn("digest", "text", (column) => column.notNull())
    .addColumn("samples", "integer", (column) => column.notNull())
    .addColumn("bytes", "integer", (column) => column.notNull())
    .addColumn("received_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("segments_key", ["host", "epoch", "first_seq", "last_seq", "digest"])
    .execute();
  await schema
    .createTable("samples")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("host", "text", (column) => column.notNull())
    .addColumn("epoch", "text", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("task", "text", (column) => column.notNull())
    .addColumn("factory", "text", (column) => column.notNull())
    .addColumn("interaction_id", "text", (column) => column.notNull())
    .addColumn("captured_at", "bigint", (column) => column.notNull())
    .addColumn("received_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("digest", "text", (column) => column.notNull())
    .addColumn("sample", "text", (column) => column.notNull())
    .execute();
  await schema
    .createTable("quarantine")
    .addColumn("host", "text", (column) => column.notNull())
    .addColumn("digest", "text", (column) => column.notNull())
    .addColumn("what", "text", (column) => column.notNull())
    .addColumn("id", "text")
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("received_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("quarantine_key", ["host", "digest"])
    .execute();
  await schema
    .createTable("events")
    .addColumn("number", "bigint", (column) => column.primaryKey())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("severity", "text", (column) => column.notNull())
    .addColumn("code", "text", (column) => column.notNull())
    .addColumn("host", "text")
    .addColumn("message", "text", (column) => column.notNull())
    .execute();
  await schema
    .createTable("facts")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("value", "text", (column) => column.notNull())
    .execute();
  const indices = [
    ["samples_by_arrival", "samples", ["received_at", "id"]],
    ["samples_by_kind", "samples", ["kind", "received_at", "id"]],
    ["samples_by_expiry", "samples", ["expires_at"]],
    ["receipts_by_arrival", "receipts", ["received_at", "id"]],
  ] as const;
  for (const [name, table, columns] of indices) {
    await schema
      .createIndex(name)
      .on(table)
      .columns([...columns])
      .execute();
  }
}
