import { Failure } from "../life/life.ts";

/** One thing in an archive. What a file holds is read before the next thing is asked for, or passed over. */
export type Packed =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | {
      readonly kind: "file";
      readonly path: string;
      readonly isProgram: boolean;
      readonly bytes: AsyncIterable<Uint8Array>;
    };

const BLOCK = 512;
/** What no honest archive of an agent comes near. */
const most = { entries: 100_000, bytes: 2 * 1024 ** 3 } as const;
const kinds: ReadonlyMap<string, Packed["kind"]> = new Map([
  ["0", "file"],
  ["2", "link"],
  ["5", "folder"],
]);

/**
 * Reads an archive in the form of ustar, as it streams by. Stricter than tar: what `packaging` does not write (devices,
 * hard links, sparse files, extensions) is refused, and so is every path that is not plainly below the archive's root.
 */
export async function* readTar(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Packed> {
  const source = sourceOf(stream);
  let total = 0;
  for (let count = 0; ; count += 1) {
    const header = await source.take(BLOCK);
    if (header.every((byte) => byte === 0)) break;
    // A bomb: small when it is fetched, without end when it is unpacked.
    if (count >= most.entries) throw refusal(`it holds more than ${most.entries} files`);
    const { kind, path, size, isProgram, target } = entryOf(header);
    total += size;
    if (total > most.bytes) throw refusal(`it unpacks to more than ${most.bytes} bytes`);
    if (kind === "link") yield { kind, path, target };
    else if (kind === "folder") yield { kind, path };
    else {
      let left = size;
      const bytes = async function* () {
        while (left > 0) {
          const chunk = await source.some(left);
          left -= chunk.length;
          yield chunk;
        }
      };
      yield { kind, path, isProgram, bytes: bytes() };
      while (left > 0) left -= (await source.some(left)).length;
      await source.take((BLOCK - (size % BLOCK)) % BLOCK);
    }
  }
  for await (const rest of source.rest())
    if (rest.some((byte) => byte !== 0)) throw refusal("something follows its end");
}

function entryOf(header: Buffer) {
  const text = (at: number, length: number) => {
    const field = header.subarray(at, at + length);
    const end = field.indexOf(0);
    return field.subarray(0, end < 0 ? length : end).toString("utf8");
  };
  const number = (at: number, length: number) => {
    const field = text(at, length).trim();
    if (!/^[0-7]{1,11}$/.test(field)) throw refusal("a header holds no number where one belongs");
    return Number.parseInt(field, 8);
  };
  if (text(257, 6) !== "ustar") throw refusal("it is no archive in the form of ustar");
  const blank = Buffer.from(header).fill(" ", 148, 156);
  if (number(148, 8) !== blank.reduce((sum, byte) => sum + byte, 0))
    throw refusal("a header is damaged");
  const kind = kinds.get(text(156, 1));
  const prefix = text(345, 155);
  const path = `${prefix === "" ? "" : `${prefix}/`}${text(0, 100)}`.replace(/\/$/, "");
  // Path traversal: `../../etc/cron.d/x`, `/etc/…`, or a name that says one thing and is another.
  if (!isPlain(path)) throw refusal(`${JSON.stringify(path.slice(0, 100))} is no plain path`);
  // Devices, hard links to files of others, extensions that say what another reader would do.
  if (kind === undefined) throw refusal(`${path} is neither a file, a folder nor a link`);
  const target = kind === "link" ? text(157, 100) : "";
  // A link that leads out: what is written or run through it later would be elsewhere.
  if (kind === "link" && !isInside(path, target))
    throw refusal(`the link ${path} leads out of the archive`);
  const size = number(124, 12);
  if (kind !== "file" && size !== 0) throw refusal(`${path} holds bytes and is no file`);
  return { kind, path, target, size, isProgram: (number(100, 8) & 0o100) !== 0 };
}

function isPlain(path: string): boolean {
  return path
    .split("/")
    .every((name) => !["", ".", ".."].includes(name) && !/[\p{C}\\]/u.test(name));
}

/** `../../schema`: up first, then down, and never above the root. Where it goes up it starts from real folders. */
function isInside(path: string, target: string): boolean {
  const [, up = "", down = ""] = /^((?:\.\.\/)*)(.+)$/.exec(target) ?? [];
  return isPlain(down) && up.length / 3 <= path.split("/").length - 1;
}

/** Bytes in the amounts that are asked for. */
function sourceOf(stream: AsyncIterable<Uint8Array>) {
  const chunks = stream[Symbol.asyncIterator]();
  let kept: Uint8Array = new Uint8Array();
  const some = async (limit: number): Promise<Uint8Array> => {
    while (kept.length === 0) {
      const { done, value } = await chunks.next();
      if (done === true) throw refusal("it ends too soon");
      kept = value;
    }
    const taken = kept.subarray(0, limit);
    kept = kept.subarray(taken.length);
    return taken;
  };
  return {
    some,
    async take(length: number): Promise<Buffer> {
      const parts: Uint8Array[] = [];
      for (let left = length; left > 0; ) {
        const part = await some(left);
        parts.push(part);
        left -= part.length;
      }
      return Buffer.concat(parts);
    },
    async *rest(): AsyncGenerator<Uint8Array> {
      yield kept;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next())
        yield next.value;
    },
  };
}

/** No patience mends an archive that its digest names. */
export function refusal(why: string): Failure {
  return new Failure("update/bad-archive", `its archive is refused: ${why}`);
}
