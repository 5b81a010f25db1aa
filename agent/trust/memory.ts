/**
 * What a host remembers of what it has proved: one file, so that no power cut can leave half of it.
 *
 * `accepted` is the newest delivery that passed every check; its versions are the floor for the next.
 * `good` is the newest plan that is known to have run here: what reconcile goes back to when a newer one fails.
 */
import { join } from "node:path";
import { type Delivery, parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { readIfThere, type StateFolder, writeAtomic } from "../disk/disk.ts";
import { Failure, messageOf } from "../life/life.ts";

export type Memory =
  /** `init` has not pinned a root of trust. */
  | { readonly kind: "none" }
  | { readonly kind: "damaged"; readonly message: string }
  | {
      readonly kind: "pinned";
      /** The newest root that was trusted. */
      readonly root: Uint8Array;
      readonly accepted?: Delivery;
      readonly good?: Delivery;
      /** The time of the run that accepted it, in milliseconds since the Unix epoch. */
      readonly seen?: number;
    };
export type PinnedMemory = Extract<Memory, { kind: "pinned" }>;

const Files = Type.Record(Type.String(), Type.String());
const MemoryFile = Type.Object(
  {
    schema: Type.Literal("trust/1"),
    root: Type.String(),
    accepted: Type.Optional(Files),
    good: Type.Optional(Files),
    seen: Type.Optional(Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 })),
  },
  { additionalProperties: false },
);
const readFile = readerOf(MemoryFile);

const pathOf = (state: StateFolder) => join(state.trust, "trust.json");

export async function readMemory(state: StateFolder): Promise<Memory> {
  const bytes = await readIfThere(pathOf(state));
  if (bytes === undefined) return { kind: "none" };
  const reading = readFile(parseJson(bytes.toString("utf8")));
  if (!reading.ok) {
    const message = `${pathOf(state)} is damaged. Restore it, or remove it and pin the root again; until then nothing new is accepted.`;
    return { kind: "damaged", message };
  }
  const { root, accepted, good, seen } = reading.value;
  return {
    kind: "pinned",
    root: Buffer.from(root, "base64"),
    ...(accepted && { accepted: filesOf(accepted) }),
    ...(good && { good: filesOf(good) }),
    ...(seen !== undefined && { seen }),
  };
}

export async function writeMemory(state: StateFolder, memory: PinnedMemory): Promise<void> {
  const text = memoryText(memory);
  try {
    await writeAtomic(pathOf(state), text);
  } catch (cause) {
    throw new Failure(
      "trust/cannot-remember",
      `${pathOf(state)} could not be written (${messageOf(cause)}). Nothing new is accepted until the disk has room and is writable.`,
      { cause },
    );
  }
}

/** Equal texts, equal memories. */
export function memoryText({ root, accepted, good, seen }: PinnedMemory): string {
  return `${JSON.stringify({
    schema: "trust/1",
    root: Buffer.from(root).toString("base64"),
    ...(accepted && { accepted: textsOf(accepted) }),
    ...(good && { good: textsOf(good) }),
    ...(seen !== undefined && { seen }),
  })}\n`;
}

function filesOf(texts: Readonly<Record<string, string>>): Delivery {
  return new Map(
    Object.entries(texts).map(([name, text]) => [name, Buffer.from(text, "base64")] as const),
  );
}

function textsOf(files: Delivery): Record<string, string> {
  return Object.fromEntries(
    [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")] as const),
  );
}
