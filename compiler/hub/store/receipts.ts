import { canonicalDigest, type Envelope, type Receipt } from "@millwright/schema";
import { textsOf } from "./hosts.ts";
import { QUARANTINE_MS, quarantine } from "./quarantine.ts";
import type { Database } from "./tables.ts";

interface StoredReceipt {
  readonly id: string;
  readonly host: string;
  readonly revision: number;
  readonly plan: string;
  readonly result: string;
  readonly reason: string | null;
  readonly models: readonly string[];
  readonly at: number;
  readonly receivedAt: number;
}

type ReceiptTaken = "new" | "known" | "quarantined";

interface ReceiptQuery {
  readonly limit: number;
  readonly host?: string | undefined;
}

export interface ReceiptTable {
  /** Takes a receipt whose signature has been checked; the same one again changes nothing. */
  take(receipt: Receipt, envelope: Envelope, now: number): Promise<ReceiptTaken>;
  /** Newest first. */
  list(query: ReceiptQuery): Promise<readonly StoredReceipt[]>;
}

export function receiptTable(database: Database): ReceiptTable {
  return {
    async take(receipt, envelope, now) {
      const { id, host, revision, plan, result, reason = null, models, at } = receipt;
      const digest = canonicalDigest(receipt);
      const sealed = JSON.stringify(envelope);
      return database.transaction().execute(async (transaction) => {
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto("receipts")
          .values({
            ...{ id, host, revision, plan, result, reason, digest },
            models: JSON.stringify(models),
            made_at: at,
            received_at: now,
            envelope: sealed,
          })
          .onConflict((conflict) => conflict.column("id").doNothing())
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows === 1n) return "new";
        const query = transaction.selectFrom("receipts").select("digest");
        const before = await query.where("id", "=", id).executeTakeFirstOrThrow();
        if (before.digest === digest) return "known";
        const why = "receipt/same-id-other-content";
        const expiresAt = now + QUARANTINE_MS;
        const apart = { host, what: "receipt", id, reason: why, expiresAt, body: sealed } as const;
        await quarantine(transaction, apart, now);
        return "quarantined";
      });
    },
    async list({ limit, host }) {
      let query = database.selectFrom("receipts").selectAll();
      if (host !== undefined) query = query.where("host", "=", host);
      const rows = await query
        .orderBy("received_at", "desc")
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
      return rows.map(({ id, host, revision, plan, result, reason, ...row }) => ({
        ...{ id, host, revision, plan, result, reason },
        models: textsOf(row.models),
        at: row.made_at,
        receivedAt: row.received_at,
      }));
    },
  };
}
