import type { Authorship } from "./authorship.ts";
import { commitDate } from "./commit-date.ts";
import type { ObjectReader } from "./object-reader.ts";

/** Who made a commit, as it says; nobody has proved it. Texts are the author's own: show them with `visible`. */
export type CommitSaid = Omit<Authorship, "path">;

export interface CommitObject extends CommitSaid {
  readonly tree: string;
}

/** Bytes of a commit that are read: its subject stands at the beginning of what people wrote. */
const MOST = 64 * 1024;

/** `undefined` where git has no such commit. */
export async function readCommitObject(
  reader: ObjectReader,
  id: string,
): Promise<CommitObject | undefined> {
  const object = await reader.read(id, MOST);
  return object?.type === "commit" ? parseCommit(id, object.bytes) : undefined;
}

/** `<name> <value>` lines, an empty line, the message. */
export function parseCommit(commit: string, bytes: Buffer): CommitObject {
  const end = bytes.indexOf("\n\n");
  const fields = new Map<string, string>();
  for (const row of bytes.toString("latin1", 0, end < 0 ? bytes.length : end).split("\n")) {
    const space = row.indexOf(" ");
    const name = row.slice(0, space);
    if (space > 0 && !fields.has(name)) fields.set(name, row.slice(space + 1));
  }
  const read = readerIn(fields.get("encoding"));
  const written = Buffer.from(fields.get("author") ?? "", "latin1");
  const [, author = "", email = "", seconds, zone = ""] =
    /^(.*?) ?<([^>]*)> (-?\d+) ([+-]\d{4})$/s.exec(read(written)) ?? [];
  const message = end < 0 ? "" : read(bytes.subarray(end + 2));
  return {
    commit,
    tree: /^[0-9a-f]{40,64}$/.exec(fields.get("tree") ?? "")?.[0] ?? "",
    author,
    email,
    date: commitDate(Number(seconds), zone),
    subject: subjectOf(message),
  };
}

/** The first paragraph in one line, as git has it. */
function subjectOf(message: string): string {
  const [first = ""] = message.trimStart().split(/\n\s*\n/, 1);
  return first.replaceAll("\n", " ").trim();
}

/** A commit says when it is not UTF-8; one that lies about it is read as if it were. */
function readerIn(encoding: string | undefined): (bytes: Buffer) => string {
  try {
    const decoder = new TextDecoder(encoding);
    return (bytes) => decoder.decode(bytes);
  } catch {
    // Nobody knows that encoding.
    return (bytes) => bytes.toString("utf8");
  }
}
