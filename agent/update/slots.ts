import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readIfThere, writeAtomic } from "../disk/disk.ts";
import { noSlots, type Pointer, parsePointer, pointerText } from "./pointer.ts";
import { pointerIn, slotsIn } from "./slot-files.ts";

/** The pointer; without one, and when it is damaged, there are no slots, as the launcher sees it too. */
export async function readPointer(state: string): Promise<Pointer> {
  const bytes = await readIfThere(pointerIn(state));
  return (bytes && parsePointer(bytes.toString("utf8"))) ?? noSlots;
}

export async function writePointer(state: string, pointer: Pointer): Promise<void> {
  await writeAtomic(pointerIn(state), pointerText(pointer));
}

/** Takes away what no start needs any more: half a slot, and slots that a newer package has made old. */
export async function tidySlots(state: string, pointer: Pointer): Promise<void> {
  const used = [pointer.current?.slot, pointer.previous?.slot];
  for (const slot of ["a", "b"] as const) {
    const names = [`.${slot}.new`, `.${slot}.old`, ...(used.includes(slot) ? [] : [slot])];
    for (const name of names)
      await rm(join(slotsIn(state), name), { recursive: true, force: true });
  }
}
