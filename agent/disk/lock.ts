import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Failure } from "../life/life.ts";
import type { StateFolder } from "./state-folder.ts";

/** SQLITE_BUSY and SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_IOERR: https://sqlite.org/rescode.html, the low byte. */
const BUSY = 5;
const cannotWrite: ReadonlySet<number> = new Set([8, 10, 14]);

/**
 * Takes the state folder for this process: an agent and a lone `apply`, or two agents, must never write at once. The
 * lock is the kernel's (fcntl) and dies with the process, however it ends; SQLite is the door that Node has to it. A
 * file with a process id would outlive a power cut, and a socket could be taken by anybody on the machine.
 * Throws a `Failure` when another process has it. A folder that cannot be written needs no lock, and gets none.
 */
export function lockState({ root }: StateFolder): Disposable {
  const path = join(root, "lock");
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    if (database?.isOpen) database.close();
    const code = codeOf(error);
    if (code === BUSY)
      throw new Failure(
        "disk/in-use",
        `${root} is in use by another agent on this machine. Stop that one first (millwright-agent status --state ${root} tells of it), or give this one a --state folder of its own.`,
      );
    if (!cannotWrite.has(code)) throw error;
    database = undefined;
  }
  return {
    [Symbol.dispose]() {
      if (database?.isOpen) database.close();
    },
  };
}

function codeOf(error: unknown): number {
  if (!(error instanceof Error) || !("errcode" in error)) return 0;
  return Number(error.errcode) & 0xff;
}
