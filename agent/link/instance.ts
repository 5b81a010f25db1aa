import { join } from "node:path";
import { readIfThere, type StateFolder, writeAtomic } from "../disk/disk.ts";
import { type Chance, isWorldly, uuid7Bytes } from "../life/life.ts";

/** The agent's `instance_uid`: 16 bytes, UUIDv7, made once and kept, until a hub finds it taken. It names, it proves nothing. */
export async function instanceOf(
  state: StateFolder,
  now: number,
  chance: Chance,
): Promise<Uint8Array> {
  const path = join(state.identity, "instance");
  const text = (await readIfThere(path))?.toString("utf8").trim() ?? "";
  if (/^[0-9a-f]{32}$/.test(text)) return Uint8Array.from(Buffer.from(text, "hex"));
  const made = uuid7Bytes(now, chance);
  try {
    await keepInstance(state, made);
  } catch (error) {
    // A disk that takes nothing is told by who watches it. The next start has another name, which a hub expects.
    if (!isWorldly(error)) throw error;
  }
  return made;
}

/** The agent goes by this from now on, also after a restart. */
export async function keepInstance(state: StateFolder, instance: Uint8Array): Promise<void> {
  await writeAtomic(join(state.identity, "instance"), `${Buffer.from(instance).toString("hex")}\n`);
}
