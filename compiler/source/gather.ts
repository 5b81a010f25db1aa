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
      if (files.size >= limits.files || total > limits.total) {
        throw new Failure(
          "source/too-much",
          `The definitions are more than ${limits.files} files or ${showBytes(limits.total)}. Split the repository, or move data out of factories/.`,
        );
      }
      files.set(path, bytes);
    },
  };
}

export function refuseLarge(path: string, size: number): void {
  if (size > limits.file) {
    throw new Failure(
      "source/file-too-large",
      `${path} has ${showBytes(size)}; a file of definitions may have ${showBytes(limits.file)}. Split it, or move data out of it.`,
    );
  }
}
