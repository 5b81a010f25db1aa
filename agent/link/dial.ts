import { MAX_FRAME, OPAMP_PATH } from "@millwright/schema/opamp";
import WebSocket from "ws";
import type { Identity } from "../disk/disk.ts";
import { type Chance, type Clock, type Conditions, Failure, type Journal } from "../life/life.ts";
import { httpOrigin, hubToken } from "../trust/trust.ts";
import { raise } from "./alarm.ts";
import { refusalOf, refusedForMs } from "./refusal.ts";

const HANDSHAKE_MS = 15_000;
/** Slow retrieval: a refusal is a line. */
const REFUSAL_MS = 2_000;
/** What proxies answer that know nothing of WebSockets. */
const BLOCKED: ReadonlySet<number> = new Set([400, 404, 405, 426, 501]);

export interface Caller {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly conditions: Conditions;
  readonly journal: Journal;
}

export type Dialled =
  /** Open, and paused: nothing is read before somebody listens. */
  | { readonly kind: "open"; readonly hub: string; readonly socket: WebSocket }
  | {
      readonly kind: "failed";
      readonly hub: string;
      readonly reason: string;
      readonly retryAfterMs?: number;
      /** It may be that plain HTTP comes through where a WebSocket does not. */
      readonly isBlocked: boolean;
    }
  /** The address itself is wrong: trying again does not help. */
  | { readonly kind: "unfit"; readonly hub: string; readonly failure: Failure };

/** Tries one hub. Never throws. */
export async function dial(hub: string, caller: Caller, signal: AbortSignal): Promise<Dialled> {
  const { identity, clock, chance } = caller;
  try {
    // Refuses what would send the token in the clear.
    httpOrigin(hub);
  } catch (error) {
    if (error instanceof Failure) return { kind: "unfit", hub, failure: error };
    throw error;
  }
  const token = await hubToken(identity, hub, clock.now(), chance);
  const socket = new WebSocket(new URL(OPAMP_PATH, hub), {
    headers: { authorization: `Bearer ${token}` },
    // Compression costs 27 times the memory a connection, and lets a small frame become a large one.
    perMessageDeflate: false,
    maxPayload: MAX_FRAME,
    handshakeTimeout: HANDSHAKE_MS,
    followRedirects: false,
  });
  return await new Promise<Dialled>((resolve) => {
    const stop = () => socket.terminate();
    const done = (dialled: Dialled) => {
      signal.removeEventListener("abort", stop);
      resolve(dialled);
    };
    signal.addEventListener("abort", stop, { once: true });
    // `ws` reports every way to fail here; without a listener it would end the process.
    socket.on("error", (error) => {
      // Cut in the middle: a proxy that does not like what it cannot read does that.
      const isBlocked = "code" in error && error.code === "ECONNRESET";
      done({ kind: "failed", hub, reason: reasonOf(error), isBlocked });
    });
    // Compression bomb: `ws` refuses what we did not ask for; a person has to know that it was tried.
    socket.once("upgrade", ({ headers }) => {
      if (headers["sec-websocket-extensions"] !== undefined)
        raise("link/compressed", { ...caller, hub });
    });
    socket.once("unexpected-response", (_request, response) => {
      const { statusCode = 0, headers } = response;
      const retryAfterMs = refusedForMs(statusCode, headers["retry-after"], clock.now());
      const late = setTimeout(() => response.destroy(), REFUSAL_MS);
      const answer = { status: statusCode, date: headers.date, body: response };
      void refusalOf(answer, clock.now()).then((reason) => {
        clearTimeout(late);
        done({
          ...{ kind: "failed", hub, reason, isBlocked: BLOCKED.has(statusCode) },
          ...(retryAfterMs !== undefined && { retryAfterMs }),
        });
        socket.terminate();
      });
    });
    socket.once("open", () => {
      socket.pause();
      done({ kind: "open", hub, socket });
    });
    if (signal.aborted) stop();
  });
}

/** When a name has several addresses Node sums up the errors without a word. */
function reasonOf(error: Error): string {
  return error.message !== "" || !("code" in error) ? error.message : String(error.code);
}
