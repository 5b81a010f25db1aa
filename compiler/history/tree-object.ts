import type { ObjectReader } from "./object-reader.ts";

export interface TreeEntry {
  /** `100644`, `40000` for a folder, `120000` for a link, `160000` for a submodule. */
  readonly mode: string;
  readonly name: string;
  readonly id: string;
}

/** Bytes of one folder's listing. */
const MOST = 16 * 1024 ** 2;

/** What stands in a folder; `undefined` where git has no such tree, or one beyond all measure. */
export async function readTree(
  reader: ObjectReader,
  id: string,
): Promise<readonly TreeEntry[] | undefined> {
  const object = await reader.read(id, MOST);
  if (object?.type !== "tree" || object.size > MOST) return undefined;
  return parseTree(object.bytes, id.length / 2);
}

/** `<mode> <name>\0` and the id in bytes, again and again. */
export function parseTree(bytes: Buffer, idBytes: number): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0) break;
    const next = end + 1 + idBytes;
    entries.push({
      mode: bytes.toString("latin1", at, space),
      name: bytes.toString("utf8", space + 1, end),
      id: bytes.toString("hex", end + 1, next),
    });
    at = next;
  }
  return entries;
}
