import Type, { type Static, type TUnsafe } from "typebox";
import {
  DIGEST_PATTERN,
  type Digest,
  type HostName,
  NAME_PATTERN,
  PUBLIC_KEY_PATTERN,
  type PublicKey,
} from "../value/value.ts";

const strict = { additionalProperties: false } as const;
/** A host and a port, and nothing else of a URL. */
const PEER_ADDRESS = "^(\\[[0-9a-fA-F:]+\\]|[^\\s:/@?#\\[\\]]+):\\d{1,5}$";
const Amount = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Rate = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Part = Type.Number({ minimum: 0, maximum: 1 });

/** How a host gets and keeps models. What is absent is as the agent has it. */
export const StoreSettings = Type.Object(
  {
    /** Each holds any blob at `<mirror>/sha256/<hex>`. Asked before peers and before the blob's own sources. */
    mirrors: Type.Optional(
      Type.Array(Type.String({ pattern: "^https?://[^\\s?#]+$", maxLength: 1_000 }), {
        minItems: 1,
        maxItems: 16,
      }),
    ),
    /** What all downloads together may take: bytes a second; less while one of the windows is open. */
    bandwidth: Type.Optional(
      Type.Object(
        {
          most: Type.Optional(Rate),
          windows: Type.Optional(
            Type.Array(
              Type.Object(
                {
                  name: Type.String({ pattern: NAME_PATTERN }),
                  /** When it starts: five fields of cron, in the IANA time zone. */
                  starts: Type.String({ minLength: 1, maxLength: 100 }),
                  lastsMs: Type.Integer({ minimum: 60_000, maximum: 31 * 86_400_000 }),
                  timezone: Type.String({ minLength: 1, maxLength: 64 }),
                  most: Rate,
                },
                strict,
              ),
              { minItems: 1, maxItems: 16 },
            ),
          ),
        },
        strict,
      ),
    ),
    /** Bytes of the disk that no model takes. */
    reserve: Type.Optional(Amount),
    /** Parts of the disk in use: over `high`, what no plan names goes, down to `low`. */
    watermarks: Type.Optional(Type.Object({ high: Part, low: Part }, strict)),
    /** How many peers may copy from this host at the same time. */
    uploads: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000 })),
  },
  strict,
);
export type StoreSettings = Static<typeof StoreSettings>;

const DigestText: TUnsafe<Digest> = Type.Unsafe<Digest>({
  type: "string",
  pattern: DIGEST_PATTERN,
});
const HostText: TUnsafe<HostName> = Type.Unsafe<HostName>({
  type: "string",
  pattern: NAME_PATTERN,
});
const KeyText: TUnsafe<PublicKey> = Type.Unsafe<PublicKey>({
  type: "string",
  pattern: PUBLIC_KEY_PATTERN,
});

/** Another host of the site that may have the same blobs: who it is, where it is, and what the two may copy from each other. */
export const Peer = Type.Object(
  {
    host: HostText,
    key: KeyText,
    /** Where its gateway is reached: `10.0.3.7:7430`. */
    address: Type.String({ pattern: PEER_ADDRESS, maxLength: 300 }),
    blobs: Type.Array(DigestText, { minItems: 1, maxItems: 10_000 }),
  },
  strict,
);
export type Peer = Static<typeof Peer>;
