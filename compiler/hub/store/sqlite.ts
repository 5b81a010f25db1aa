import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { SqliteDialect } from "kysely";

const KEPT_STATEMENTS = 200;

/**
 * Kysely over Node's own SQLite: the few methods of better-sqlite3 that its dialect calls.
 * Commits are on the disk before they are acknowledged (`synchronous = FULL`): a host deletes what the hub has taken.
 */
export function sqliteDialect(path: string): SqliteDialect {
  const database = new DatabaseSync(path);
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA secure_delete = ON;",
  );
  const known = new Map<string, StatementSync>();
  /** The same few texts come again and again: to read one anew costs as much as to run it. */
  const prepared = (sql: string) => {
    const statement = known.get(sql) ?? database.prepare(sql);
    if (known.size < KEPT_STATEMENTS) known.set(sql, statement);
    return statement;
  };
  return new SqliteDialect({
    database: {
      close: () => database.close(),
      prepare(sql) {
        const statement = prepared(sql);
        return {
          // A statement that has columns gives rows: SELECT, and whatever ends with RETURNING.
          reader: statement.columns().length > 0,
          all: (parameters) => statement.all(...parameters.map(bindable)),
          run: (parameters) => statement.run(...parameters.map(bindable)),
          iterate: (parameters) => statement.iterate(...parameters.map(bindable)),
        };
      },
    },
  });
}

function bindable(value: unknown): SQLInputValue {
  if (value === null || value instanceof Uint8Array) return value;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") {
    return value;
  }
  throw new Error(`impossible: ${typeof value} is nothing that a column holds`);
}
