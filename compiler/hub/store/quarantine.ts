import { digestOf } from "@millwright/schema";
import type { Database } from "./tables.ts";

/** Something a host sent that can neither be taken nor be thrown away: kept aside for a person to look at. */
export interface Quarantined {
  readonly host: string;
  readonly what: "sample" | "receipt";
  readonly id: string | null;
  readonly reason: string;
  readonly expiresAt: number;
  readonly body: string;
}

/** How long something is kept that does not say itself when it is to be forgotten. */
export const QUARANTINE_MS = 30 * 86_400_000;

/** Sets it aside; false when the same bytes of the same host lie there already. */
export async function quarantine(
  database: Database,
  { host, what, id, reason, expiresAt, body }: Quarantined,
  now: number,
): Promise<boolean> {
  const row = { host, what, id, reason, body, digest: digestOf(body) };
  const { numInsertedOrUpdatedRows } = await database
    .insertInto("quarantine")
    .values({ ...row, received_at: now, expires_at: expiresAt })
    .onConflict((conflict) => conflict.columns(["host", "digest"]).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

export interface StoredQuarantined extends Quarantined {
  readonly receivedAt: number;
}

/** Newest first. */
export async function quarantined(
  database: Database,
  limit: number,
): Promise<readonly StoredQuarantined[]> {
  const rows = await database
    .selectFrom("quarantine")
    .select(["host", "what", "id", "reason", "body", "received_at", "expires_at"])
    .orderBy("received_at", "desc")
    .orderBy("digest")
    .limit(limit)
    .execute();
  return rows.map(({ received_at, expires_at, ...row }) => ({
    ...row,
    receivedAt: received_at,
    expiresAt: expires_at,
  }));
}
