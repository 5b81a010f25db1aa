import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "./atomic.ts";
import { diskFailure } from "./disk-failure.ts";
import { demandReadable } from "./format.ts";

/** The agent's memory: everything it must know after a power cut, and nothing else. */
export interface StateFolder {
  readonly root: string;
  /** The host's key and name: `identity/key.pem`, `identity/identity.json`. */
  readonly identity: string;
  /** The last verified metadata and the plans that came with it. */
  readonly trust: string;
  /** Models by digest: `blobs/sha256/<hex>`. */
  readonly blobs: string;
  /** One folder a runner: its specification, socket, process id and log. */
  readonly runners: string;
  /** Feedback that the hub has not acknowledged. */
  readonly spool: string;
  /** Receipts that the hub has not acknowledged. */
  readonly outbox: string;
  /** What a running agent tells `millwright-agent status`: `{ pid, local }`. */
  readonly running: string;
}

/** Where everything lies. Touches nothing. */
export function stateIn(root: string): StateFolder {
  return {
    root,
    identity: join(root, "identity"),
    trust: join(root, "trust"),
    blobs: join(root, "blobs", "sha256"),
    runners: join(root, "runners"),
    spool: join(root, "spool"),
    outbox: join(root, "outbox"),
    running: join(root, "running.json"),
  };
}

/**
 * Makes what is missing: a folder of which parts were deleted is one that has not got them yet.
 * Throws a `Failure` when a newer agent wrote it, or when the disk refuses.
 */
export async function openState(root: string): Promise<StateFolder> {
  const state = stateIn(root);
  await demandReadable(state);
  for (const folder of [
    state.identity,
    state.trust,
    state.blobs,
    state.runners,
    state.spool,
    state.outbox,
  ]) {
    await makeFolder(folder).catch((error: unknown) => {
      throw diskFailure(folder, "made", error);
    });
  }
  return state;
}

/** The bytes of a file; `undefined` when there is none. Throws a `Failure` when it cannot be read. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw diskFailure(path, "read", error);
  }
}
