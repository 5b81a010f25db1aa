import type { Severity } from "../journal.ts";
import type { Database } from "./tables.ts";

/** Something that happened to the fleet, kept for people. */
export interface StoredEvent {
  readonly at: number;
  readonly severity: string;
  /** `hub/what-happened`, permanent. */
  readonly code: string;
  readonly host: string | null;
  readonly message: string;
}

interface NewEvent extends StoredEvent {
  readonly severity: Severity;
}

export interface EventTable {
  add(event: NewEvent): Promise<void>;
  /** Newest first. */
  list(limit: number): Promise<readonly StoredEvent[]>;
}

export async function eventTable(database: Database): Promise<EventTable> {
  const query = database.selectFrom("events");
  const row = await query.select(({ fn }) => fn.max("number").as("last")).executeTakeFirst();
  let last = Number(row?.last ?? 0);
  return {
    async add(event) {
      last += 1;
      await database
        .insertInto("events")
        .values({ number: last, ...event })
        .execute();
    },
    list(limit) {
      return database
        .selectFrom("events")
        .select(["at", "severity", "code", "host", "message"])
        .orderBy("number", "desc")
        .limit(limit)
        .execute();
    },
  };
}
