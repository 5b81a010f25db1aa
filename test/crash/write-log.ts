/**
 * What this process does to the files below some folders, in order: the log that a disk would have of it. Every change
 * of the agent's goes through `node:fs/promises`; a way that the recorder does not know throws, and whoever replays the
 * whole log compares the end with the disk.
 */
import fs, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { dirname } from "node:path";

export type Change =
  | { readonly kind: "mkdir"; readonly path: string }
  | {
      readonly kind: "open";
      readonly path: string;
      readonly handle: number;
      readonly creates: boolean;
      readonly empties: boolean;
    }
  | {
      readonly kind: "write";
      readonly path: string;
      readonly handle: number;
      readonly at: number | "end";
      readonly bytes: Buffer;
    }
  | {
      readonly kind: "truncate";
      readonly path: string;
      readonly handle: number;
      readonly size: number;
    }
  | { readonly kind: "chmod"; readonly path: string; readonly mode: number }
  | { readonly kind: "rename"; readonly path: string; readonly to: string }
  /** A file, or a folder with all that is in it. */
  | { readonly kind: "remove"; readonly path: string }
  /** What was there when a flush began is durable when it has ended. */
  | {
      readonly kind: "flush" | "flushed";
      readonly path: string;
      readonly handle: number;
      readonly turn: number;
    }
  /** Something that must hold from here on, whatever happens. */
  | { readonly kind: "mark"; readonly mark: string };

export interface WriteLog extends Disposable {
  readonly changes: readonly Change[];
  mark(mark: string): void;
}

type Call = (...given: never[]) => Promise<unknown>;

/** Ways to change files that nobody uses here: recording them would be code that nothing runs. */
const unknown = ["appendFile", "writeFile", "copyFile", "cp", "link", "truncate", "symlink"];
const unknownOfHandles = ["writev", "createWriteStream", "chmod", "utimes"];

/** Records until it is disposed of. One at a time in a process. */
export function recordWrites(isWatched: (path: string) => boolean): WriteLog {
  const changes: Change[] = [];
  const real: Record<string, Call> = {};
  const table = fs as unknown as Record<string, Call>;
  const exchange = (name: string, by: (was: Call) => Call) => {
    const was = table[name];
    if (was === undefined) throw new Error(`node:fs/promises has no ${name}`);
    real[name] = was;
    table[name] = by(was);
  };
  let handles = 0;
  let turns = 0;
  const add = (change: Change) => {
    changes.push(change);
  };

  exchange("open", (was) => async (path: string, flags: string | number = "r", mode?: number) => {
    const file = (await (was as typeof fs.open)(path, flags, mode)) as FileHandle;
    if (!isWatched(String(path))) return file;
    handles += 1;
    const handle = handles;
    const { creates, empties } = meaningOf(flags);
    add({ kind: "open", path, handle, creates, empties });
    record(file, path, handle, flags === "a");
    return file;
  });
  const record = (file: FileHandle, path: string, handle: number, appends: boolean) => {
    const own = file as unknown as Record<string, unknown>;
    const { write, writeFile, appendFile, truncate, sync, datasync } = file;
    own["write"] = async (bytes: Uint8Array, offset: number, length: number, at: number) => {
      if (typeof at !== "number") throw new Error("a write that does not say where");
      const written = Reflect.apply(write, file, [bytes, offset, length, at]);
      const done = (await written) as { readonly bytesWritten: number };
      const part = Buffer.from(bytes.subarray(offset, offset + done.bytesWritten));
      add({ kind: "write", path, handle, at: appends ? "end" : at, bytes: part });
      return done;
    };
    for (const [name, real] of Object.entries({ writeFile, appendFile }))
      own[name] = async (bytes: Uint8Array | string) => {
        await real.call(file, bytes);
        add({ kind: "write", path, handle, at: "end", bytes: Buffer.from(bytes as Uint8Array) });
      };
    own["truncate"] = async (size = 0) => {
      await truncate.call(file, size);
      add({ kind: "truncate", path, handle, size });
    };
    for (const [name, real] of Object.entries({ sync, datasync }))
      own[name] = async () => {
        turns += 1;
        const turn = turns;
        add({ kind: "flush", path, handle, turn });
        await real.call(file);
        add({ kind: "flushed", path, handle, turn });
      };
    for (const name of unknownOfHandles) own[name] = () => unheardOf(`FileHandle.${name}`);
  };

  exchange("mkdir", (was) => async (path: string, options?: { recursive?: boolean }) => {
    const first = (await (was as typeof fs.mkdir)(path, options)) as string | undefined;
    const made = options?.recursive === true ? first : path;
    if (!isWatched(path) || made === undefined) return first;
    const levels: string[] = [];
    for (let level = path; level.length >= made.length; level = dirname(level)) levels.push(level);
    for (const level of levels.reverse()) add({ kind: "mkdir", path: level });
    return first;
  });
  exchange("rename", (was) => async (from: string, to: string) => {
    await (was as typeof fs.rename)(from, to);
    if (isWatched(to)) add({ kind: "rename", path: from, to });
  });
  exchange("chmod", (was) => async (path: string, mode: number) => {
    await (was as typeof fs.chmod)(path, mode);
    if (isWatched(path)) add({ kind: "chmod", path, mode });
  });
  for (const name of ["rm", "rmdir", "unlink"])
    exchange(name, (was) => async (path: string, options?: object) => {
      await (was as typeof fs.rm)(path, options);
      if (isWatched(path)) add({ kind: "remove", path });
    });
  for (const name of unknown)
    exchange(name, (was) => async (...given: never[]) => {
      const path = String(given[0]);
      return isWatched(path) ? unheardOf(name) : await was(...given);
    });
  syncBuiltinESMExports();
  return {
    changes,
    mark: (mark) => add({ kind: "mark", mark }),
    [Symbol.dispose]() {
      Object.assign(table, real);
      syncBuiltinESMExports();
    },
  };
}

function meaningOf(flags: string | number): {
  readonly creates: boolean;
  readonly empties: boolean;
} {
  const { O_CREAT, O_TRUNC } = fs.constants;
  if (typeof flags === "number")
    return { creates: (flags & O_CREAT) !== 0, empties: (flags & O_TRUNC) !== 0 };
  return { creates: /^[aw]/.test(flags), empties: flags.startsWith("w") };
}

function unheardOf(what: string): never {
  throw new Error(`the recorder of writes does not know ${what}: teach it`);
}
