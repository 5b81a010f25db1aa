import { canonicalDigest, type Digest, type Receipt } from "@millwright/schema";
import { type Chance, type Clock, uuid7 } from "../life/life.ts";

/** What became of a plan. */
export type Occurrence = Pick<Receipt, "revision" | "plan" | "result" | "reason" | "models">;

/** The newest link of the chain of a host's receipts. */
export interface Head {
  readonly counter: number;
  readonly digest: Digest;
}

/** The next receipt of a host, made now. */
export function receiptAfter(
  head: Head | undefined,
  { revision, plan, result, reason, models }: Occurrence,
  host: string,
  { clock, chance }: { readonly clock: Clock; readonly chance: Chance },
): Receipt {
  const now = clock.now();
  return {
    ...{ schema: "receipt/1", id: uuid7(now, chance), host, counter: (head?.counter ?? 0) + 1 },
    ...(head !== undefined && { before: head.digest }),
    ...{ revision, plan, result, models, at: now },
    ...(reason !== undefined && { reason: reason.slice(0, 4000) }),
  };
}

export function headOf(receipt: Receipt): Head {
  return { counter: receipt.counter, digest: canonicalDigest(receipt) };
}
