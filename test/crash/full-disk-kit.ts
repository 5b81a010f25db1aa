/**
 * A disk that is full from a chosen change on: what this process writes below some folders fails as the kernel has it
 * fail, in the middle of the bytes. What is there can still be read, renamed and removed.
 */
import fs, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

export interface FillingDisk extends Disposable {
  /** So many changes are taken from now on, and none after them. */
  fillAfter(changes: number): void;
  /** There is room again. */
  empty(): void;
  /** How many changes were taken since `fillAfter`, or from the start. */
  readonly taken: number;
  /** How many were refused since then. */
  readonly refused: number;
}

type Call = (...given: never[]) => Promise<unknown>;

/** One at a time in a process. */
export function fillingDisk(isWatched: (path: string) => boolean): FillingDisk {
  let limit = Number.POSITIVE_INFINITY;
  let [taken, refused] = [0, 0];
  const takes = (): boolean => {
    if (taken < limit) {
      taken += 1;
      return true;
    }
    refused += 1;
    return false;
  };
  const full = (path: string) =>
    Object.assign(new Error(`ENOSPC: no space left on device, write '${path}'`), {
      code: "ENOSPC",
      errno: -28,
      syscall: "write",
    });
  const table = fs as unknown as Record<string, Call>;
  const real = { open: fs.open, mkdir: fs.mkdir };

  table["open"] = async (path: string, flags: string | number = "r", mode?: number) => {
    const file = await real.open(path, flags, mode);
    if (isWatched(String(path))) hinder(file, path);
    return file;
  };
  const hinder = (file: FileHandle, path: string) => {
    const own = file as unknown as Record<string, unknown>;
    const { write } = file;
    own["write"] = async (bytes: Uint8Array, offset = 0, length = bytes.length, at?: number) => {
      if (takes()) return Reflect.apply(write, file, [bytes, offset, length, at]);
      if (length < 2) throw full(path);
      // As much as there is room for; the rest is refused when it is tried.
      return Reflect.apply(write, file, [bytes, offset, length >> 1, at]);
    };
    for (const name of ["writeFile", "appendFile"] as const) {
      const whole = file[name];
      own[name] = async (bytes: Uint8Array | string) => {
        const given = Buffer.from(bytes as Uint8Array);
        if (takes()) return whole.call(file, given);
        await whole.call(file, given.subarray(0, given.length >> 1));
        throw full(path);
      };
    }
  };
  table["mkdir"] = async (path: string, options?: { recursive?: boolean }) => {
    const isThere = await fs.access(path).then(
      () => true,
      () => false,
    );
    if (!isThere && isWatched(String(path)) && !takes()) throw full(path);
    return real.mkdir(path, options);
  };
  syncBuiltinESMExports();
  return {
    fillAfter(changes) {
      [limit, taken, refused] = [changes, 0, 0];
    },
    empty() {
      limit = Number.POSITIVE_INFINITY;
    },
    get taken() {
      return taken;
    },
    get refused() {
      return refused;
    },
    [Symbol.dispose]() {
      Object.assign(fs, real);
      syncBuiltinESMExports();
    },
  };
}
