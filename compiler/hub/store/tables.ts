import type { Kysely } from "kysely";

/** Instants are milliseconds since the Unix epoch; columns that hold JSON say so. */
export interface Tables {
  readonly hosts: {
    name: string;
    key: string;
    /** JSON: the URLs of hubs in the host's plan. */
    hubs: string;
    site: string;
    region: string;
    plan: string;
    enrolled_at: number;
    last_seen: number | null;
    /** JSON of `AgentStatus`. */
    status: string | null;
    /** JSON of `Inventory`. */
    inventory: string | null;
  };
  readonly revisions: {
    number: number;
    /** The commit of the definitions, and the one on `releases`. */
    commit_id: string;
    release_commit: string;
    /** Of the tree of plans, 64 hex digits. */
    root: string;
    /** Of revision.json. */
    digest: string;
    fleet: string;
    hosts: number;
    /** JSON: public keys. */
    signers: string;
    expires_at: number;
    verified_at: number;
  };
  readonly receipts: {
    id: string;
    host: string;
    revision: number;
    plan: string;
    result: string;
    reason: string | null;
    /** JSON: digests. */
    models: string;
    made_at: number;
    received_at: number;
    digest: string;
    /** Its place among the receipts that were signed with this key, and the digest of the one before. */
    counter: number;
    before: string | null;
    key: string;
    /** JSON: the envelope as it came, with the host's signature. */
    envelope: string;
  };
  readonly segments: {
    host: string;
    epoch: string;
    first_seq: number;
    last_seq: number;
    digest: string;
    samples: number;
    bytes: number;
    received_at: number;
  };
  readonly samples: {
    id: string;
    host: string;
    epoch: string;
    seq: number;
    kind: string;
    task: string;
    factory: string;
    interaction_id: string;
    captured_at: number;
    received_at: number;
    expires_at: number;
    digest: string;
    /** JSON of `Sample`. */
    sample: string;
  };
  readonly quarantine: {
    host: string;
    digest: string;
    what: "sample" | "receipt";
    id: string | null;
    reason: string;
    received_at: number;
    expires_at: number;
    body: string;
  };
  readonly events: {
    number: number;
    at: number;
    severity: string;
    code: string;
    host: string | null;
    message: string;
  };
  /** What the hub must not forget: the pinned root, the version of the last timestamp. */
  readonly facts: { name: string; value: string };
}

export type Database = Kysely<Tables>;
