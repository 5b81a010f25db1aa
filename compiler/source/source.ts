/**
 * The text of a repository: at a commit, from git's objects without a checkout, or as a folder lies.
 *
 * In: a repository and a revision. Out: the definition files and the lock, in memory.
 * Promise: reads nothing else, follows no link, runs nothing.
 */

export { type DefinitionsId, definitionsId } from "./definitions-id.ts";
export { startGit } from "./git.ts";
export { isLargeFilePointer } from "./large-file-pointer.ts";
export { limits } from "./limits.ts";
export { mergeBase } from "./merge-base.ts";
export { readBeside } from "./read-beside.ts";
export { type BlobAt, readBlobAt } from "./read-blob.ts";
export { readCommit } from "./read-commit.ts";
export { readFolder } from "./read-folder.ts";
export { watchFolder } from "./watch-folder.ts";

/** Where the lock lies: what the sources of models are. */
export const LOCK_PATH = "factories/models.lock.yaml";

/** Everything that a compilation reads. Two equal trees compile to the same bytes on any machine. */
export interface SourceTree {
  /** The repository's remote URL without credentials, or the name of its folder. */
  readonly repository: string;
  /** The commit that was read; absent for a folder as it lies. */
  readonly at?: { readonly commit: string; readonly tree: string };
  /** Files below `factories/` that may hold definitions, and the lock, by path with `/`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What stands among them and was not read. */
  readonly passedOver?: readonly PassedOver[];
}

/**
 * Links and submodules lead out of the repository; a file beyond the limit is no definition; a pointer of Git LFS has its
 * text elsewhere; a name that is not UTF-8 cannot be told from others.
 */
export interface PassedOver {
  readonly path: string;
  readonly what: "link" | "submodule" | "too large" | "pointer" | "bad name";
}
