import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "@millwright/schema";
import type { BlobSource, Store } from "../store/store.ts";
import { carryEngines } from "./engines.ts";
import type { SlotName } from "./pointer.ts";
import { proveSlot } from "./prove-slot.ts";
import { slotIn } from "./slot-files.ts";
import { unpack } from "./unpack.ts";

export interface Wanted {
  readonly slot: SlotName;
  readonly digest: Digest;
  readonly version: string;
  readonly processor: string;
  readonly store: Pick<Store, "fetch" | "path">;
}

/** Where the agent that runs lies: `node_modules` is beside `agent`. */
const here = join(import.meta.dirname, "../..");

/** From a digest to an agent that has shown that it runs on this host. Throws Failure; then the slot is empty. */
export async function prepareSlot(
  state: string,
  { slot, digest, version, processor, store }: Wanted,
  blob: BlobSource,
  signal: AbortSignal,
): Promise<void> {
  await store.fetch(digest, blob, () => undefined, signal);
  const folder = slotIn(state, slot);
  try {
    await unpack(store.path(digest), state, slot, signal);
    await carryEngines(here, folder);
    await proveSlot(folder, { version, processor }, signal);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
