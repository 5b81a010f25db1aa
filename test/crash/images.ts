/**
 * What a disk may hold after each change of a write log.
 *
 *   killed   the process died: the kernel has all that it did.
 *   torn     the power went in the middle of a write: all names are there, and half of the last bytes.
 *   cut      the power went: of files and of folders there is what was flushed, and nothing else.
 *   zeroed   the power went: names are there, and zeros where bytes were not flushed (delayed allocation).
 *
 * POSIX promises no more than `cut`: that a file was flushed says nothing of its name, which is of the folder.
 */
import { createHash } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Change } from "./write-log.ts";

export type Accident = "killed" | "torn" | "cut" | "zeroed";

export interface Image {
  readonly accident: Accident;
  /** After so many changes. */
  readonly after: number;
  /** What was promised before the accident, in order. */
  readonly marks: readonly string[];
  readonly folders: readonly string[];
  /** By path below the root. */
  readonly files: ReadonlyMap<string, Bytes>;
}
interface Bytes {
  readonly bytes: Buffer;
  readonly mode: number;
}

interface File {
  readonly kind: "file";
  bytes: Buffer;
  durable: Buffer;
  mode: number;
}
interface Folder {
  readonly kind: "folder";
  entries: Map<string, Node>;
  durable: Map<string, Node>;
}
type Node = File | Folder;

/** Every image that differs from the one before it, or of which more is promised. */
export function* imagesOf(root: string, changes: readonly Change[]): Generator<Image> {
  const disk = diskAt(root);
  const seen = new Set<string>();
  const marks: string[] = [];
  for (const [index, change] of changes.entries()) {
    const accidents: Accident[] = ["killed", "cut", "zeroed"];
    if (change.kind === "mark") marks.push(change.mark);
    if (change.kind === "write") accidents.unshift("torn");
    disk.take(change);
    for (const accident of accidents) {
      const found = disk.look(accident, change);
      const key = `${keyOf(found)} ${marks.length}`;
      if (seen.has(key)) continue;
      seen.add(key);
      yield { accident, after: index + 1, marks: [...marks], ...found };
    }
  }
}

/** Lays an image down in a folder. */
export async function layDown({ folders, files }: Image, root: string): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true, mode: 0o700 });
  for (const [path, { bytes, mode }] of files) {
    await writeFile(join(root, path), bytes, { mode: 0o600 });
    if (mode !== 0o600) await chmod(join(root, path), mode);
  }
}

function diskAt(root: string) {
  const top = newFolder();
  const handles = new Map<number, Node>();
  const flushes = new Map<number, () => void>();

  const namesOf = (path: string) =>
    path
      .slice(root.length)
      .split("/")
      .filter((name) => name !== "");
  const find = (path: string): Node | undefined => {
    let node: Node | undefined = top;
    for (const name of namesOf(path))
      node = node?.kind === "folder" ? node.entries.get(name) : undefined;
    return node;
  };
  const placeOf = (path: string) => {
    const folder = find(dirname(path));
    if (folder?.kind !== "folder") throw new Error(`${path} has no folder in the log`);
    return { folder, name: namesOf(path).at(-1) ?? "" };
  };
  const put = (path: string, node: Node) => {
    const { folder, name } = placeOf(path);
    folder.entries.set(name, node);
  };
  const fileOf = (handle: number): File => {
    const node = handles.get(handle);
    if (node?.kind !== "file") throw new Error(`handle ${handle} is of no file in the log`);
    return node;
  };

  const take = (change: Change): void => {
    switch (change.kind) {
      case "mkdir":
        if (change.path.length > root.length) put(change.path, newFolder());
        return;
      case "open": {
        let node = find(change.path);
        if (node === undefined && change.creates) {
          node = { kind: "file", bytes: Buffer.of(), durable: Buffer.of(), mode: 0o600 };
          put(change.path, node);
        }
        if (node === undefined) throw new Error(`${change.path} was opened and is not in the log`);
        if (node.kind === "file" && change.empties) node.bytes = Buffer.of();
        handles.set(change.handle, node);
        return;
      }
      case "write": {
        const file = fileOf(change.handle);
        const at = change.at === "end" ? file.bytes.length : change.at;
        const after = Buffer.alloc(Math.max(file.bytes.length, at + change.bytes.length));
        file.bytes.copy(after);
        change.bytes.copy(after, at);
        file.bytes = after;
        return;
      }
      case "truncate": {
        const file = fileOf(change.handle);
        const after = Buffer.alloc(change.size);
        file.bytes.copy(after);
        file.bytes = after;
        return;
      }
      case "chmod": {
        const node = find(change.path);
        if (node?.kind === "file") node.mode = change.mode;
        return;
      }
      case "rename": {
        const node = find(change.path);
        if (node === undefined) throw new Error(`${change.path} was renamed and is not in the log`);
        put(change.to, node);
        const { folder, name } = placeOf(change.path);
        folder.entries.delete(name);
        return;
      }
      case "remove": {
        const { folder, name } = placeOf(change.path);
        folder.entries.delete(name);
        return;
      }
      case "flush": {
        const node = handles.get(change.handle);
        if (node === undefined) throw new Error(`handle ${change.handle} is not in the log`);
        flushes.set(change.turn, flushOf(node));
        return;
      }
      case "flushed":
        flushes.get(change.turn)?.();
        flushes.delete(change.turn);
        return;
      case "mark":
    }
  };

  const look = (accident: Accident, change: Change): Pick<Image, "folders" | "files"> => {
    const folders: string[] = [];
    const files = new Map<string, Bytes>();
    const walk = (folder: Folder, below: string) => {
      for (const [name, node] of accident === "cut" ? folder.durable : folder.entries) {
        const path = join(below, name);
        if (node.kind === "folder") {
          folders.push(path);
          walk(node, path);
        } else files.set(path, { bytes: contentOf(node, accident, change), mode: node.mode });
      }
    };
    walk(top, "");
    return { folders, files };
  };
  const contentOf = (file: File, accident: Accident, change: Change): Buffer => {
    const { bytes, durable } = file;
    if (accident === "killed") return bytes;
    if (accident === "cut") return durable;
    if (accident === "torn") {
      const isTorn = change.kind === "write" && handles.get(change.handle) === file;
      return isTorn ? bytes.subarray(0, bytes.length - Math.ceil(change.bytes.length / 2)) : bytes;
    }
    if (bytes === durable) return bytes;
    const zeroed = Buffer.alloc(bytes.length);
    const isLonger = bytes.subarray(0, durable.length).equals(durable);
    if (isLonger) durable.copy(zeroed);
    return zeroed;
  };
  return { take, look };
}

function newFolder(): Folder {
  return { kind: "folder", entries: new Map(), durable: new Map() };
}

/** What is there now; done when the flush has ended. */
function flushOf(node: Node): () => void {
  if (node.kind === "file") {
    const { bytes } = node;
    return () => {
      node.durable = bytes;
    };
  }
  const entries = new Map(node.entries);
  return () => {
    node.durable = entries;
  };
}

const digests = new WeakMap<Buffer, string>();

function keyOf({ folders, files }: Pick<Image, "folders" | "files">): string {
  const hash = createHash("sha256");
  for (const folder of folders.toSorted()) hash.update(`${folder}/\n`);
  for (const [path, { bytes }] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    let digest = digests.get(bytes);
    digest ??= createHash("sha256").update(bytes).digest("hex");
    digests.set(bytes, digest);
    hash.update(`${path} ${digest}\n`);
  }
  return hash.digest("hex");
}
