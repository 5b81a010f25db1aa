import { textsOf } from "./hosts.ts";
import type { Database } from "./tables.ts";

/** A revision that verified. */
export interface StoredRevision {
  readonly number: number;
  /** The commit of the definitions. */
  readonly commit: string;
  /** The commit on `releases`. */
  readonly releaseCommit: string;
  /** Of the tree of plans, 64 hex digits. */
  readonly root: string;
  /** Of revision.json. */
  readonly digest: string;
  readonly fleet: string;
  readonly hosts: number;
  readonly signers: readonly string[];
  readonly expiresAt: number;
  readonly verifiedAt: number;
}

export interface RevisionTable {
  /** Newest first. */
  list(limit: number): Promise<readonly StoredRevision[]>;
  /** The one of the highest number. */
  last(): Promise<StoredRevision | undefined>;
  save(revision: StoredRevision): Promise<void>;
}

export function revisionTable(database: Database): RevisionTable {
  const list = async (limit: number): Promise<readonly StoredRevision[]> => {
    const query = database.selectFrom("revisions").selectAll();
    const rows = await query.orderBy("number", "desc").limit(limit).execute();
    return rows.map((row) => ({
      number: row.number,
      commit: row.commit_id,
      releaseCommit: row.release_commit,
      root: row.root,
      digest: row.digest,
      fleet: row.fleet,
      hosts: row.hosts,
      signers: textsOf(row.signers),
      expiresAt: row.expires_at,
      verifiedAt: row.verified_at,
    }));
  };
  return {
    list,
    last: async () => (await list(1))[0],
    async save(revision) {
      const row = {
        commit_id: revision.commit,
        release_commit: revision.releaseCommit,
        root: revision.root,
        digest: revision.digest,
        fleet: revision.fleet,
        hosts: revision.hosts,
        signers: JSON.stringify(revision.signers),
        expires_at: revision.expiresAt,
      };
      const { number, verifiedAt } = revision;
      await database
        .insertInto("revisions")
        .values({ number, verified_at: verifiedAt, ...row })
        // The same revision may come again with more signatures, on another commit.
        .onConflict((conflict) => conflict.column("number").doUpdateSet(row))
        .execute();
    },
  };
}
