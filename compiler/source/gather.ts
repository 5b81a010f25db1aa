import { showBytes } from "@millwright/schema";
import { Failure } from "../failure.ts";
import { isLargeFilePointer } from "./large-file-pointer.ts";
import { isForTools, isRead, limits } from "./limits.ts";
import type { PassedOver } from "./source.ts";

/** Files as they come in, counted against the limits. Throws Failure when there is too much of them. */
export interface Gathering {
  readonly files: Map<string, Uint8Array>;
  readonly passedOver: PassedOver[];
  /** Keeps a file; one that only points to its text is noted. */
  add(path: string, bytes: Uint8Array): void;
  /** False for a file that cannot be read, which is noted. */
  takes(path: string, size: number): boolean;
  /** Notes a link or a submodule that may stand where definitions do. */
  passOver(path: string, what: "link" | "submodule"): void;
}

export function gather(): Gathering {
  const files = new Map<string, Uint8Array>();
  const passedOver: PassedOver[] = [];
  let total = 0;
  return {
    files,
    passedOver,
    add(path, bytes) {
      total += bytes.length;
      refuseMany(files.size + 1, total);
      if (isLargeFilePointer(bytes)) passedOver.push({ path, what: "pointer" });
      else files.set(path, bytes);
    },
    takes(path, size) {
      // Several names that are not UTF-8 look alike: there is no telling which is meant.
      if (path.includes("\ufffd")) passedOver.push({ path, what: "bad name" });
      else if (size > limits.file) passedOver.push({ path, what: "too large" });
      else return true;
      return false;
    },
    passOver(path, what) {
      const mayHold = what === "submodule" || isRead(path) || !/\.\w+$/.test(path);
      if (mayHold && !isForTools(path)) passedOver.push({ path, what });
    },
  };
}

/** Asked before anything is read, so that what is refused never fills the memory. */
export function refuseMany(files: number, bytes: number): void {
  if (files > limits.files || bytes > limits.total) {
    throw new Failure(
      "source/too-much",
      `The definitions are more than ${limits.files} files or ${showBytes(limits.total)}. Split the repository, or move data out of factories/.`,
    );
  }
}
