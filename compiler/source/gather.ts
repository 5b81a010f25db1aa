import { showBytes } from "@millwright/schema";
import { Failure } from "../failure.ts";
import { limits } from "./limits.ts";

/** Files as they come in, counted against the limits. Throws Failure when there is too much. */
export function gather(): {
  add(path: string, bytes: Uint8Array): void;
  readonly files: Map<string, Uint8Array>;
} {
  const files = new Map<string, Uint8Array>();
  let total = 0;
  return {
    files,
    add(path, bytes) {
      total += bytes.length;
      refuseLarge(path, bytes.length);
      refuseMany(files.size + 1, total);
      files.set(path, bytes);
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

export function refuseLarge(path: string, size: number): void {
  if (size > limits.file) {
    throw new Failure(
      "source/file-too-large",
      `${path} has ${size.toLocaleString("en")} bytes; a file of definitions may have ${limits.file.toLocaleString("en")}. Split it, or move data out of it.`,
    );
  }
}
