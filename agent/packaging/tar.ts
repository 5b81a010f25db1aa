/** What a package holds. */
export type Entry =
  | {
      readonly kind: "file";
      readonly path: string;
      readonly bytes: Uint8Array;
      readonly mode: number;
    }
  | { readonly kind: "folder"; readonly path: string; readonly mode: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

const BLOCK = 512;
const types = { file: "0", link: "2", folder: "5" } as const;

/**
 * An archive in the form of ustar (POSIX.1-1988), which says nothing of who made it or when: owner root, one time for
 * all, entries in the order given.
 */
export function tarOf(entries: readonly Entry[], seconds: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const bytes = entry.kind === "file" ? entry.bytes : new Uint8Array();
    parts.push(headerOf(entry, bytes.length, seconds), bytes);
    parts.push(new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(parts);
}

function headerOf(entry: Entry, size: number, seconds: number): Uint8Array {
  const header = Buffer.alloc(BLOCK);
  const { prefix, name } = split(entry.kind === "folder" ? `${entry.path}/` : entry.path);
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  header.write(name, 0);
  octal(entry.kind === "link" ? 0o777 : entry.mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(seconds, 136, 12);
  header.write("        ", 148, "latin1");
  header.write(types[entry.kind], 156, "latin1");
  if (entry.kind === "link") header.write(fitting(entry.target, 100), 157);
  header.write("ustar\0", 257, "latin1");
  header.write("00", 263, "latin1");
  header.write("root", 265, "latin1");
  header.write("root", 297, "latin1");
  octal(0, 329, 8);
  octal(0, 337, 8);
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

/** Long paths are cut at a slash: 155 bytes before it, 100 after. */
function split(path: string): { readonly prefix: string; readonly name: string } {
  if (Buffer.byteLength(path) <= 100) return { prefix: "", name: path };
  const at = path.indexOf("/", path.length - 101);
  return { prefix: fitting(path.slice(0, at), 155), name: fitting(path.slice(at + 1), 100) };
}

function fitting(text: string, most: number): string {
  if (text === "" || Buffer.byteLength(text) > most)
    throw new Error(`${text} is too long a path for an archive`);
  return text;
}
