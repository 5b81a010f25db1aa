import { parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { parseRetryAfter } from "./backoff.ts";

/** The least that the specification recommends to wait when a hub is overloaded and does not say for how long. */
export const UNAVAILABLE_MS = 30_000;
/** A token is worth a minute, and clocks may be half a minute apart. */
const CLOCKS_APART_MS = 60_000;
const MAX_BODY = 4_096;
const readRefusal = readerOf(
  Type.Object({ error: Type.Object({ code: Type.String(), message: Type.String() }) }),
);

/** An answer that is no connection. */
export interface Answer {
  readonly status: number;
  /** By the hub's clock, as it came. */
  readonly date: string | null | undefined;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Why a hub does not let this host in, in words that say what to do next. Reads the body; never throws. */
export async function refusalOf({ status, date, body }: Answer, now: number): Promise<string> {
  const text = await shortText(body);
  if (status !== 401 && status !== 403) return `it answered HTTP ${status}`;
  const theirs = Date.parse(date ?? "");
  const apart = Number.isNaN(theirs) ? 0 : now - theirs;
  if (Math.abs(apart) > CLOCKS_APART_MS)
    return `it takes no token of this host (HTTP ${status}), whose clock is ${span(Math.abs(apart))} ${apart > 0 ? "ahead of" : "behind"} the hub's. Set the clock: timedatectl set-ntp true`;
  const refusal = readRefusal(parseJson(text));
  if (refusal.ok && refusal.value.error.code === "hub/renamed-host")
    return `it knows this host by another name (HTTP ${status}): ${refusal.value.error.message.slice(0, 300)}`;
  return `it does not know this host (HTTP ${status}). Merge this host's definition and release it`;
}

/** OpAMP, "Throttling": for how long a hub that refuses wants to be left alone. */
export function refusedForMs(
  status: number,
  header: string | null | undefined,
  now: number,
): number | undefined {
  const asked = parseRetryAfter(header ?? undefined, now);
  return asked ?? (status === 429 || status === 503 ? UNAVAILABLE_MS : undefined);
}

/** What fits of it. Endless data: whoever sends more than a line or two has said nothing that counts. */
async function shortText(body: Answer["body"]): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BODY) return "";
    }
  } catch {
    // The connection broke. That it was refused is known all the same.
    return "";
  }
  return Buffer.concat(chunks).toString("utf8");
}

function span(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(ms / 3_600_000);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
