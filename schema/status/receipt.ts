import Type, { type Static } from "typebox";
import { DIGEST_PATTERN, NAME_PATTERN } from "../value/value.ts";

export const RECEIPT_TYPE = "application/vnd.millwright.receipt+json";

/** What a host did with a plan, signed by the host's key in an envelope of type RECEIPT_TYPE. */
export const Receipt = Type.Object({
  schema: Type.Literal("receipt/1"),
  /** UUIDv7: the key by which repeats are dropped. */
  id: Type.String({ maxLength: 36 }),
  host: Type.String({ pattern: NAME_PATTERN }),
  /** Counts the receipts of this host from 1. A gap is one that was lost, a number twice is a disk that was cloned. */
  counter: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  /** The digest of the receipt before, as canonical JSON; absent in the first. */
  before: Type.Optional(Type.String({ pattern: DIGEST_PATTERN })),
  revision: Type.Integer({ minimum: 1 }),
  plan: Type.String({ pattern: DIGEST_PATTERN }),
  result: Type.Enum(["running", "failed"]),
  reason: Type.Optional(Type.String({ maxLength: 4000 })),
  /** Digests of the models and adapters that are loaded. */
  models: Type.Array(Type.String({ pattern: DIGEST_PATTERN }), { maxItems: 10_000 }),
  at: Type.Integer({ minimum: 0 }),
});
export type Receipt = Static<typeof Receipt>;
