import { Failure } from "../failure.ts";
import { isLargeFilePointer, limits, type PassedOver, type SourceTree } from "../source/source.ts";
import { isRead, mayBeMissed } from "./definition-paths.ts";
import type { ObjectReader } from "./object-reader.ts";
import { readTree, type TreeEntry } from "./tree-object.ts";

/** Bytes of files that are kept for the next commit, and entries of folders. */
const KEPT_BYTES = limits.total;
const KEPT_ENTRIES = limits.listed;

/**
 * The definitions of one commit after the other, from git's objects: what `readCommit` gives, for the price of the
 * folders and files that are new. The same file comes as the same bytes, identical.
 */
export class DefinitionFiles {
  readonly #reader: ObjectReader;
  readonly #repository: string;
  /** Names of folders from the root of the repository to `factories`. */
  readonly #way: readonly string[];
  readonly #trees = new Map<string, readonly TreeEntry[]>();
  readonly #blobs = new Map<string, Blob>();
  #entries = 0;
  #bytes = 0;

  /** `folder` is where `factories` lies: "" or a path that ends with `/`. */
  constructor(reader: ObjectReader, repository: string, folder: string) {
    this.#reader = reader;
    this.#repository = repository;
    this.#way = [...folder.split("/").filter((name) => name !== ""), "factories"];
  }

  /** What stands as `factories` in the tree of a commit; equal ids, equal definitions. */
  async standingIn(tree: string): Promise<TreeEntry | undefined> {
    let found: TreeEntry | undefined;
    for (const name of this.#way) {
      if (found !== undefined && found.mode !== "40000") return undefined;
      const entries = await this.#tree(found?.id ?? tree);
      found = entries.find((entry) => entry.name === name);
      if (found === undefined) return undefined;
    }
    return found;
  }

  /** Throws Failure when git has lost something, or there is more than `readCommit` would read. */
  async read(factories: TreeEntry | undefined): Promise<SourceTree> {
    const found: Found = { files: [], passedOver: [], listed: 0 };
    if (factories !== undefined) await this.#list(factories, found);
    const files = new Map<string, Uint8Array>();
    const passedOver = [...found.passedOver];
    let total = 0;
    for (const { path, id } of found.files) {
      const blob = await this.#blob(path, id);
      if (blob.kind !== "text") passedOver.push({ path, what: blob.kind });
      else {
        total += blob.bytes.length;
        if (total > limits.total) throw tooMuch();
        files.set(path, blob.bytes);
      }
    }
    return { repository: this.#repository, files, ...(passedOver.length > 0 && { passedOver }) };
  }

  async #list(top: TreeEntry, found: Found): Promise<void> {
    const open: { readonly entry: TreeEntry; readonly path: string }[] = [
      { entry: top, path: top.name },
    ];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { entry, path } = next;
      found.listed += 1;
      // A few objects that name one another make a tree of billions of files, or of endless names.
      if (found.listed > limits.listed || path.length > 8_192) throw tooMuch();
      if (entry.mode === "40000")
        for (const inner of (await this.#tree(entry.id)).toReversed())
          open.push({ entry: inner, path: `${path}/${inner.name}` });
      else if (entry.mode === "120000" || entry.mode === "160000") {
        const what = entry.mode === "120000" ? "link" : "submodule";
        if (mayBeMissed(path, what)) found.passedOver.push({ path, what });
      } else if (isRead(path)) {
        // Several names that are not UTF-8 look alike: there is no telling which is meant.
        if (path.includes("\ufffd")) found.passedOver.push({ path, what: "bad name" });
        else found.files.push({ path, id: entry.id });
        if (found.files.length > limits.files) throw tooMuch();
      }
    }
  }

  async #tree(id: string): Promise<readonly TreeEntry[]> {
    const known = this.#trees.get(id);
    if (known !== undefined) return known;
    const entries = await readTree(this.#reader, id);
    if (entries === undefined) throw missing("a folder", id);
    this.#entries += entries.length;
    if (this.#entries > KEPT_ENTRIES) {
      this.#trees.clear();
      this.#entries = entries.length;
    }
    this.#trees.set(id, entries);
    return entries;
  }

  async #blob(path: string, id: string): Promise<Blob> {
    const known = this.#blobs.get(id);
    if (known !== undefined) return known;
    const object = await this.#reader.read(id, limits.file);
    if (object?.type !== "blob") throw missing(path, id);
    const blob = blobOf(object.size, object.bytes);
    const size = blob.kind === "text" ? blob.bytes.length : 0;
    this.#bytes += size;
    if (this.#bytes > KEPT_BYTES) {
      this.#blobs.clear();
      this.#bytes = size;
    }
    this.#blobs.set(id, blob);
    return blob;
  }
}

interface Found {
  readonly files: { readonly path: string; readonly id: string }[];
  readonly passedOver: PassedOver[];
  listed: number;
}

type Blob =
  | { readonly kind: "text"; readonly bytes: Uint8Array }
  | { readonly kind: "too large" | "pointer" };

function blobOf(size: number, bytes: Buffer): Blob {
  if (size > limits.file) return { kind: "too large" };
  return isLargeFilePointer(bytes) ? { kind: "pointer" } : { kind: "text", bytes };
}

function tooMuch(): Failure {
  return new Failure(
    "source/too-much",
    "factories/ held more files, or more text, than definitions may be.",
  );
}

function missing(what: string, id: string): Failure {
  return new Failure(
    "source/object-missing",
    `git does not have ${what} (${id}): a partial or damaged clone? Run git fetch or git fsck.`,
  );
}
