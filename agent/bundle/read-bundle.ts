import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { type Delivery, type Digest, deliveryLimitOf, digestOfHex } from "@millwright/schema";
import { Failure, messageOf } from "../life/life.ts";
import { namesIn, readPlain, sizeOf } from "./plain-file.ts";
import { type BundleRefusal, type Refused, refused } from "./refusal.ts";

/** A model in a bundle: nothing of it is read yet. */
export interface BundledBlob {
  readonly path: string;
  readonly size: number;
}

/** A bundle as it lies: plain files, nothing about them proved. */
export interface Bundle {
  readonly delivery: Delivery;
  readonly blobs: ReadonlyMap<Digest, BundledBlob>;
}

type Reading = { readonly ok: true; readonly bundle: Bundle } | Refused<BundleRefusal>;

/** A chain of 256 roots, and six files. */
const MAX_FILES = 300;
const MAX_BLOBS = 1_000;
const BLOBS = "blobs";

/** Throws a `Failure` when the folder is not there, or may not be read. */
export async function readBundle(folder: string): Promise<Reading> {
  try {
    await lstat(folder);
    return await read(folder);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    throw new Failure(
      "bundle/unreadable",
      `${folder} cannot be read (${messageOf(cause)}). Name the folder that millwright bundle made; the agent's user must be able to read it.`,
      { cause },
    );
  }
}

async function read(folder: string): Promise<Reading> {
  const names = await namesIn(folder, "The bundle", MAX_FILES);
  if (!names.ok) return names;
  const delivery = new Map<string, Uint8Array>();
  for (const name of names.value) {
    if (name === BLOBS) continue;
    const limit = deliveryLimitOf(name);
    if (limit === undefined) return refused("bundle/unknown-file", `${name} is in the bundle.`);
    const file = await readPlain(join(folder, name), name, limit);
    if (!file.ok) return file;
    delivery.set(name, file.value);
  }
  if (!names.value.includes(BLOBS)) return { ok: true, bundle: { delivery, blobs: new Map() } };
  const blobs = await readBlobs(join(folder, BLOBS));
  return blobs.ok ? { ok: true, bundle: { delivery, blobs: blobs.blobs } } : blobs;
}

/** What lies below `blobs/sha256/`; read when it is known that people signed it. */
async function readBlobs(
  folder: string,
): Promise<{ readonly ok: true; readonly blobs: Bundle["blobs"] } | Refused<BundleRefusal>> {
  const kinds = await namesIn(folder, BLOBS, 1);
  if (!kinds.ok) return kinds;
  const [kind = "sha256"] = kinds.value;
  if (kind !== "sha256") return refused("bundle/unknown-file", `${BLOBS}/${kind} is there.`);
  const inside = join(folder, kind);
  const names = await namesIn(inside, `${BLOBS}/sha256`, MAX_BLOBS);
  if (!names.ok) return names;
  const blobs = new Map<Digest, BundledBlob>();
  for (const hex of names.value) {
    const name = `${BLOBS}/sha256/${hex}`;
    const digest = digestOfHex(hex);
    if (digest === undefined) return refused("bundle/unknown-file", `${name} is there.`);
    const path = join(inside, hex);
    const size = await sizeOf(path, name);
    if (!size.ok) return size;
    blobs.set(digest, { path, size: size.value });
  }
  return { ok: true, blobs };
}
