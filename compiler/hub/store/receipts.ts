import { canonicalDigest, type Envelope, type PublicKey, type Receipt } from "@millwright/schema";
import { textsOf } from "./hosts.ts";
import { QUARANTINE_MS, quarantine } from "./quarantine.ts";
import type { Database } from "./tables.ts";

interface StoredReceipt {
  readonly id: string;
  readonly host: string;
  readonly counter: number;
  readonly revision: number;
  readonly plan: string;
  readonly result: string;
  readonly reason: string | null;
  readonly models: readonly string[];
  readonly at: number;
  readonly receivedAt: number;
}

/** `gap`: it is new, and the one before has not come. `forked`: the chain goes on from another one already. */
type ReceiptTaken = "new" | "gap" | "known" | "quarantined" | "forked";

/** A receipt with what proves it. */
export interface SealedReceipt {
  readonly id: string;
  readonly host: string;
  /** Of the host when it came. */
  readonly key: string;
  readonly envelope: unknown;
  readonly receivedAt: number;
}

interface ReceiptQuery {
  readonly limit: number;
  readonly host?: string | undefined;
}

export interface ReceiptTable {
  /** Takes a receipt whose signature by `key` has been checked; the same one again changes nothing. */
  take(receipt: Receipt, envelope: Envelope, key: PublicKey, now: number): Promise<ReceiptTaken>;
  /** As they were signed, by id, from the one after `after`. */
  sealed(query: {
    readonly limit: number;
    readonly after?: string | undefined;
  }): Promise<readonly SealedReceipt[]>;
  /** Newest first. */
  list(query: ReceiptQuery): Promise<readonly StoredReceipt[]>;
}

export function receiptTable(database: Database): ReceiptTable {
  return {
    async take(receipt, envelope, key, now) {
      const { id, host, counter, before = null, revision, plan, result, reason = null } = receipt;
      const digest = canonicalDigest(receipt);
      const sealed = JSON.stringify(envelope);
      return database.transaction().execute(async (transaction) => {
        const setAside = async (why: string) => {
          const expiresAt = now + QUARANTINE_MS;
          const apart = {
            host,
            what: "receipt",
            id,
            reason: why,
            expiresAt,
            body: sealed,
          } as const;
          await quarantine(transaction, apart, now);
        };
        const all = transaction.selectFrom("receipts");
        const same = await all.select("digest").where("id", "=", id).executeTakeFirst();
        if (same?.digest === digest) return "known";
        if (same !== undefined) {
          await setAside("receipt/same-id-other-content");
          return "quarantined";
        }
        const near = await all
          .select(["counter", "digest", "before"])
          .where("host", "=", host)
          .where("key", "=", key)
          .where("counter", "in", [counter - 1, counter, counter + 1])
          .execute();
        const at = (number: number) => near.find((each) => each.counter === number);
        const [former, next] = [at(counter - 1), at(counter + 1)];
        // A cloned disk, or one that was restored: two receipts follow on the same one.
        const isForked =
          at(counter) !== undefined ||
          (former !== undefined && former.digest !== before) ||
          (next !== undefined && next.before !== digest);
        if (isForked) {
          await setAside("receipt/forked");
          return "forked";
        }
        await transaction
          .insertInto("receipts")
          .values({
            ...{ id, host, counter, before, key, revision, plan, result, reason, digest },
            models: JSON.stringify(receipt.models),
            made_at: receipt.at,
            received_at: now,
            envelope: sealed,
          })
          .execute();
        return counter > 1 && former === undefined ? "gap" : "new";
      });
    },
    async sealed({ limit, after }) {
      let query = database
        .selectFrom("receipts")
        .select(["id", "host", "key", "envelope", "received_at"]);
      if (after !== undefined) query = query.where("id", ">", after);
      const rows = await query.orderBy("id").limit(limit).execute();
      return rows.map(({ id, host, key, envelope, received_at: receivedAt }) => ({
        ...{ id, host, key, receivedAt },
        envelope: JSON.parse(envelope) as unknown,
      }));
    },
    async list({ limit, host }) {
      let query = database.selectFrom("receipts").selectAll();
      if (host !== undefined) query = query.where("host", "=", host);
      const rows = await query
        .orderBy("received_at", "desc")
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
      return rows.map(({ id, host, counter, revision, plan, result, reason, ...row }) => ({
        ...{ id, host, counter, revision, plan, result, reason },
        models: textsOf(row.models),
        at: row.made_at,
        receivedAt: row.received_at,
      }));
    },
  };
}
