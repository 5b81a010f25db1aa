import type { IHasher } from "hash-wasm";

/** A SHA-256 that can be written down in the middle and taken up again. No hash of node:crypto can. */
export interface RunningHash {
  update(bytes: Uint8Array): void;
  /** All that is needed to go on later. */
  save(): Uint8Array;
  /** Of everything so far, in hex. More may follow. */
  hex(): string;
}

export async function newHash(): Promise<RunningHash> {
  return runningOf((await hasher()).init());
}

/** Goes on from what `save` gave; `undefined` when it is no such thing. */
export async function hashFrom(saved: Uint8Array): Promise<RunningHash | undefined> {
  const fresh = await hasher();
  try {
    return runningOf(fresh.load(saved));
  } catch {
    // Another version wrote it, or something that is no hash: the bytes come anew.
    return undefined;
  }
}

/** Loaded when first wanted: an agent with all its models here does without. */
async function hasher(): Promise<IHasher> {
  const { createSHA256 } = await import("hash-wasm");
  return await createSHA256();
}

function runningOf(hash: IHasher): RunningHash {
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    save: () => hash.save(),
    hex() {
      const state = hash.save();
      const found = hash.digest("hex");
      hash.load(state);
      return found;
    },
  };
}
