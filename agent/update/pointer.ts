import { isVersion } from "./newer.ts";

export type SlotName = "a" | "b";

/** An agent that lies in a slot. */
export interface Slot {
  readonly slot: SlotName;
  readonly version: string;
  /** Of the archive that it came from. */
  readonly digest: string;
}

/** An agent that was tried in vain. */
export interface Failed {
  readonly version: string;
  readonly digest: string;
  /** Why, with its last words where there are any. */
  readonly reason: string;
}

/** Which agent runs here: `slots/current.json`. No slot: the one that the package brought. */
export interface Pointer {
  readonly current: Slot | null;
  /** What ran before, and runs again when the current one does not come up. */
  readonly previous: Slot | null;
  /** The current one has been truly up. */
  readonly confirmed: boolean;
  /** How often the current one was started since it was last up. */
  readonly starts: number;
  /** Not tried again, until a plan names another. */
  readonly failed: Failed | null;
}

export const noSlots: Pointer = {
  ...{ current: null, previous: null, confirmed: true, starts: 0, failed: null },
};

const FORM = "slots/1";
const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** Characters. */
export const MAX_REASON = 2_500;

export function pointerText(pointer: Pointer): string {
  return `${JSON.stringify({ schema: FORM, ...pointer }, null, 2)}\n`;
}

/** Reads a pointer; `undefined` when it is none that we know. By hand: the launcher starts with nothing but Node. */
export function parsePointer(text: string): Pointer | undefined {
  const fields = objectOf(text);
  if (fields?.["schema"] !== FORM) return undefined;
  const { confirmed, starts } = fields;
  const current = slotOf(fields["current"]);
  const previous = slotOf(fields["previous"]);
  const failed = failedOf(fields["failed"]);
  if (current === undefined || previous === undefined || failed === undefined) return undefined;
  if (typeof confirmed !== "boolean") return undefined;
  if (typeof starts !== "number" || !Number.isSafeInteger(starts) || starts < 0) return undefined;
  return { current, previous, confirmed, starts, failed };
}

function slotOf(value: unknown): Slot | null | undefined {
  if (value === null) return null;
  const { slot, version, digest } = fieldsOf(value);
  if ((slot !== "a" && slot !== "b") || !isVersion(version) || !isDigest(digest)) return undefined;
  return { slot, version, digest };
}

function failedOf(value: unknown): Failed | null | undefined {
  if (value === null) return null;
  const { version, digest, reason } = fieldsOf(value);
  if (!isVersion(version) || !isDigest(digest) || typeof reason !== "string") return undefined;
  return { version, digest, reason: reason.slice(0, MAX_REASON) };
}

function isDigest(text: unknown): text is string {
  return typeof text === "string" && DIGEST.test(text);
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    // Half written, or written by hand: the package's own agent runs, and says so.
    return undefined;
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
