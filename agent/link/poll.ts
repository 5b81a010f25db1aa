import {
  encodeAgentFrame,
  INSTANCE_HEADER,
  MAX_FRAME,
  OPAMP_PATH,
  OPAMP_TYPE,
} from "@millwright/schema/opamp";
import { httpOrigin, hubToken } from "../trust/trust.ts";
import { type Alarms, raise } from "./alarm.ts";
import type { Caller } from "./dial.ts";
import { refusalOf, refusedForMs } from "./refusal.ts";
import { capabilities } from "./report.ts";
import type { Ears, Wire } from "./wire.ts";

/** A hub that is there answers sooner. */
const ANSWER_MS = 15_000;

type Posted =
  | { readonly kind: "answered"; readonly frame: Uint8Array }
  | { readonly kind: "failed"; readonly reason: string; readonly retryAfterMs?: number };

export interface Poller extends Caller {
  readonly hub: string;
  readonly instance: () => Uint8Array;
  readonly sequence: () => bigint;
}

export type Polling =
  | { readonly kind: "open"; readonly wire: Wire }
  | Extract<Posted, { kind: "failed" }>;

/**
 * OpAMP, "Plain HTTP Transport": for a host whose network lets no WebSocket through. Open once the hub has answered a
 * first message; each frame is a POST from then on, one at a time, and each answer comes as a frame. Custom messages
 * travel the same way.
 */
export async function openPolling(poller: Poller, signal: AbortSignal): Promise<Polling> {
  const hello = encodeAgentFrame({
    ...{ instanceUid: poller.instance(), sequenceNum: poller.sequence(), capabilities },
  });
  const posted = await post(poller, hello, signal);
  return posted.kind === "failed"
    ? posted
    : { kind: "open", wire: pollingWire(poller, posted.frame) };
}

/** `first` is what the hub has answered already. */
function pollingWire(poller: Poller, first: Uint8Array): Wire {
  const end = new AbortController();
  const waiting: Uint8Array[] = [];
  let buffered = 0;
  let isPosting = false;
  let isOpen = true;
  let ears: Ears | undefined;
  let whenClosed: (() => void) | undefined;

  const finish = (reason: string, retryAfterMs?: number) => {
    isOpen = false;
    end.abort();
    ears?.closed(reason, retryAfterMs);
    whenClosed?.();
  };
  const flush = async () => {
    isPosting = true;
    for (let frame = waiting[0]; frame !== undefined && !end.signal.aborted; frame = waiting[0]) {
      const posted = await post(poller, frame, end.signal);
      waiting.shift();
      buffered -= frame.length;
      if (end.signal.aborted) break;
      if (posted.kind === "answered") ears?.frame(posted.frame);
      else finish(posted.reason, posted.retryAfterMs);
    }
    isPosting = false;
    if (whenClosed !== undefined && !end.signal.aborted) finish("the agent said goodbye");
  };

  return {
    kind: "polling",
    get isOpen() {
      return isOpen;
    },
    get buffered() {
      return buffered;
    },
    send(frame) {
      waiting.push(frame);
      buffered += frame.length;
      if (!isPosting) flush().catch((error: unknown) => finish(String(error)));
    },
    listen(heard) {
      ears = heard;
      heard.frame(first);
    },
    close(closed) {
      isOpen = false;
      whenClosed = closed;
      if (!isPosting) finish("the agent said goodbye");
    },
    terminate() {
      isOpen = false;
      end.abort();
    },
  };
}

/** Never throws, but for our own errors. */
async function post(poller: Poller, frame: Uint8Array, signal: AbortSignal): Promise<Posted> {
  const { identity, hub, clock, chance, instance } = poller;
  const token = await hubToken(identity, hub, clock.now(), chance);
  try {
    const response = await fetch(`${httpOrigin(hub)}${OPAMP_PATH}`, {
      method: "POST",
      // What is sent to another address than the plan's would be sent to whoever answers there.
      redirect: "manual",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": OPAMP_TYPE,
        "accept-encoding": "identity",
        [INSTANCE_HEADER]: uuidText(instance()),
      },
      body: Buffer.from(frame.subarray(1)),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    const { status, headers } = response;
    if (status !== 200 || headers.get("content-type") !== OPAMP_TYPE) {
      const retryAfterMs = refusedForMs(status, headers.get("retry-after"), clock.now());
      const answer = { status, date: headers.get("date"), body: response.body };
      const said = await refusalOf(answer, clock.now());
      const reason = status === 200 ? "its answer is not of OpAMP" : said;
      return { kind: "failed", reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    }
    return await readAnswer(response, poller);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const cause = error.cause instanceof Error ? error.cause.message : "";
    return { kind: "failed", reason: cause === "" ? error.message : cause };
  }
}

async function readAnswer(response: Response, alarms: Alarms): Promise<Posted> {
  const encoding = response.headers.get("content-encoding");
  // Compression bomb: nobody agreed on packed answers, and a small one may become a large one.
  if (encoding !== null && encoding !== "identity") {
    await response.body?.cancel();
    raise("link/compressed", alarms);
    return { kind: "failed", reason: "it sent a packed answer" };
  }
  const chunks: Uint8Array[] = [Uint8Array.of(0)];
  let size = 1;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    // Endless data: an answer is no larger than a frame.
    if (size > MAX_FRAME) {
      raise("link/oversized-frame", alarms);
      return { kind: "failed", reason: "its answer is too large" };
    }
    chunks.push(chunk);
  }
  return { kind: "answered", frame: Buffer.concat(chunks) };
}

function uuidText(uid: Uint8Array): string {
  const hex = Buffer.from(uid).toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
