import { firstError, parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import { messageOf } from "../life/life.ts";
import { httpOrigin } from "../trust/trust.ts";
import type { Parcel } from "./parcel.ts";

/** Half-open connections: the hub is gone and nobody says so. A slow line is given the time that its bytes take. */
const TIMEOUT_MS = 15_000;
const SLOWEST_BYTES_PER_MS = 32;
/** An acknowledgement is a line. Whoever sends more is no hub. */
const MAX_ANSWER = 64 * 1024;
const MAX_REASON = 300;
const MAX_RETRY_AFTER_S = 300;

const readAnswer = readerOf(
  Type.Object({ committed: Type.Union([Type.Integer(), Type.String({ maxLength: 64 })]) }),
);

/** What became of a parcel at one hub. */
export type Delivery =
  | { readonly kind: "acknowledged" }
  /** Sending the same again would be answered the same. */
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "later"; readonly reason: string; readonly afterMs: number };

/** Offers a parcel to a hub. Never throws for what the network or the hub does. */
export async function offer(
  hub: string,
  parcel: Parcel,
  token: (audience: string) => Promise<string>,
  signal: AbortSignal,
): Promise<Delivery> {
  const authorization = `Bearer ${await token(hub)}`;
  try {
    const response = await fetch(`${httpOrigin(hub)}${parcel.path}`, {
      method: parcel.method,
      headers: { ...parcel.headers, authorization },
      body: parcel.body,
      // A redirect would carry token and feedback to where the plan does not say.
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutOf(parcel))]),
    });
    return deliveryOf(parcel, response.status, response.headers, await shortText(response));
  } catch (error) {
    return later(reasonOf(error));
  }
}

function timeoutOf({ body }: Parcel): number {
  return Math.ceil(TIMEOUT_MS + body.byteLength / SLOWEST_BYTES_PER_MS);
}

function deliveryOf(parcel: Parcel, status: number, headers: Headers, text: string): Delivery {
  const reason = `${status} ${text.slice(0, MAX_REASON)}`.trim();
  if (status >= 200 && status < 300) {
    const answer = readAnswer(parseJson(text));
    if (!answer.ok) return later(`an answer that is none of a hub: ${firstError(answer.errors)}`);
    const { committed } = answer.value;
    return committed === parcel.receipt
      ? { kind: "acknowledged" }
      : later(`it has ${committed}, not ${parcel.receipt}`);
  }
  const passing = status < 400 || status >= 500 || [401, 408, 429].includes(status);
  if (!passing) return { kind: "refused", reason };
  const seconds = Number(headers.get("retry-after") ?? 0);
  return later(reason, Math.min(Number.isFinite(seconds) ? seconds : 0, MAX_RETRY_AFTER_S) * 1000);
}

function later(reason: string, afterMs = 0): Delivery {
  return { kind: "later", reason, afterMs };
}

/** The body, as far as anybody has to read it. */
async function shortText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    size += part.length;
    if (size > MAX_ANSWER) break;
  }
  return Buffer.concat(parts).toString("utf8");
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
}
