import { rm } from "node:fs/promises";
import { canonicalDigest, readerOf } from "@millwright/schema";
import Type, { type Static } from "typebox";
import { readIfThere, writeAtomic } from "../disk/disk.ts";

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Text = Type.String({ maxLength: 4_000 });

/** How far a file has come, and the hash of it up to there. */
const PartState = Type.Object(
  {
    schema: Type.Literal("part/1"),
    /** Of the whole file, in hex; and how long it will be. */
    hex: Type.String({ pattern: "^[0-9a-f]{64}$" }),
    size: Count,
    /** So many bytes are on the disk for good, and in `hash`. */
    at: Count,
    hash: Type.String({ maxLength: 1_000 }),
    /** The digest of the last bytes before `at`: they are looked at again, the rest is not. */
    tail: Text,
    /** Who gave the last bytes, and what it called the version of the file. */
    source: Type.Optional(Text),
    etag: Type.Optional(Text),
  },
  { additionalProperties: false },
);
export type PartState = Static<typeof PartState>;

const Sealed = Type.Object({ state: PartState, digest: Text }, { additionalProperties: false });
const readSealed = readerOf(Sealed);

export function statePath(partial: string): string {
  return `${partial}.state`;
}

/** What was written down of a partial file; `undefined` when nothing was, or when it was tampered with. */
export async function readState(partial: string): Promise<PartState | undefined> {
  const text = await readIfThere(statePath(partial));
  const read = text === undefined ? undefined : readSealed(parsed(text.toString("utf8")));
  if (read?.ok !== true) return undefined;
  const { state, digest } = read.value;
  return canonicalDigest(state) === digest ? state : undefined;
}

export async function writeState(partial: string, state: PartState): Promise<void> {
  await writeAtomic(
    statePath(partial),
    JSON.stringify({ state, digest: canonicalDigest(state) } satisfies Static<typeof Sealed>),
  );
}

export async function removeState(partial: string): Promise<void> {
  await rm(statePath(partial), { force: true });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A file that is no JSON is no state either.
    return undefined;
  }
}
