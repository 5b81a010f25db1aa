import { setImmediate as turn } from "node:timers/promises";
import type { AgentStatus, Inventory } from "@millwright/schema";
import type { Database } from "./tables.ts";

/** Who belongs to the fleet, as the last good revision says. */
export interface EnrolledHost {
  readonly name: string;
  readonly key: string;
  readonly hubs: readonly string[];
  readonly site: string;
  readonly region: string;
  /** The digest of its plan. */
  readonly plan: string;
}

/** What a host last said of itself. */
export interface HostMemory {
  readonly lastSeen: number | null;
  readonly status: AgentStatus | null;
  readonly inventory: Inventory | null;
}

export type StoredHost = EnrolledHost &
  Pick<HostMemory, "lastSeen"> & {
    /** JSON as it was stored; a reader of today must read it. */
    readonly status: string | null;
    readonly inventory: string | null;
  };

const BATCH = 100;
/** Updates between two turns of the event loop: each is a statement of its own. */
const REMEMBERED_A_TURN = 25;

export interface HostTable {
  all(): Promise<readonly StoredHost[]>;
  /** Makes these the hosts of the fleet; what others said of themselves is forgotten. */
  enrol(hosts: readonly EnrolledHost[], now: number): Promise<void>;
  remember(memories: ReadonlyMap<string, HostMemory>): Promise<void>;
}

export function hostTable(database: Database): HostTable {
  return {
    async all() {
      const rows = await database.selectFrom("hosts").selectAll().orderBy("name").execute();
      return rows.map(({ hubs, last_seen, ...row }) => ({
        ...row,
        hubs: textsOf(hubs),
        lastSeen: last_seen,
      }));
    },
    async enrol(hosts, now) {
      const kept = new Set(hosts.map(({ name }) => name));
      await database.transaction().execute(async (transaction) => {
        const known = await transaction.selectFrom("hosts").select("name").execute();
        const gone = known.map(({ name }) => name).filter((name) => !kept.has(name));
        for (const names of batches(gone)) {
          await transaction.deleteFrom("hosts").where("name", "in", names).execute();
        }
        const rows = hosts.map((host) => ({
          ...host,
          hubs: JSON.stringify(host.hubs),
          enrolled_at: now,
        }));
        for (const batch of batches(rows)) {
          await transaction
            .insertInto("hosts")
            .values(batch)
            .onConflict((conflict) =>
              conflict.column("name").doUpdateSet(({ ref }) => ({
                key: ref("excluded.key"),
                hubs: ref("excluded.hubs"),
                site: ref("excluded.site"),
                region: ref("excluded.region"),
                plan: ref("excluded.plan"),
              })),
            )
            .execute();
          // A large fleet must not hold up every connection of the hub.
          await turn();
        }
      });
    },
    async remember(memories) {
      await database.transaction().execute(async (transaction) => {
        let count = 0;
        for (const [name, { lastSeen, status, inventory }] of memories) {
          count += 1;
          if (count % REMEMBERED_A_TURN === 0) await turn();
          await transaction
            .updateTable("hosts")
            .set({
              last_seen: lastSeen,
              status: status && JSON.stringify(status),
              inventory: inventory && JSON.stringify(inventory),
            })
            .where("name", "=", name)
            .execute();
        }
      });
    },
  };
}

/** Small enough for the number of parameters that any engine takes in one statement. */
export function batches<T>(rows: readonly T[]): readonly T[][] {
  return Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, index) =>
    rows.slice(index * BATCH, (index + 1) * BATCH),
  );
}

/** A JSON array of texts that we wrote ourselves. */
export function textsOf(json: string): readonly string[] {
  const value: unknown = JSON.parse(json);
  if (!Array.isArray(value)) throw new Error("impossible: a column of texts that holds none");
  return value.map(String);
}
