/** The agent's way to open a connection, with one store of certificates for ten thousand hosts instead of one for each. */
import { createSecureContext } from "node:tls";
import { MAX_FRAME, OPAMP_PATH } from "@millwright/schema/opamp";
import WebSocket from "ws";
import type { Chance } from "../../../agent/life/life.ts";
import { parseRetryAfter } from "../../../agent/link/backoff.ts";
import { hubToken } from "../../../agent/trust/trust.ts";
import { cert } from "../../compiler/hub-tls-kit.ts";
import type { SwarmHost } from "./fleet.ts";

const HANDSHAKE_MS = 15_000;
const secureContext = createSecureContext({ ca: cert });

export type Dialled =
  | { readonly ok: true; readonly socket: WebSocket }
  | { readonly ok: false; readonly retryAfterMs: number };

export async function dial(
  hub: string,
  host: SwarmHost,
  now: number,
  chance: Chance,
): Promise<Dialled> {
  const token = await hubToken(host, hub, now, chance);
  const options = {
    headers: { authorization: `Bearer ${token}` },
    ...{ perMessageDeflate: false, maxPayload: MAX_FRAME, handshakeTimeout: HANDSHAKE_MS },
    secureContext,
  };
  const socket = new WebSocket(new URL(OPAMP_PATH, hub), options);
  return new Promise<Dialled>((resolve) => {
    socket.on("error", () => resolve({ ok: false, retryAfterMs: 0 }));
    socket.once("unexpected-response", (_request, response) => {
      const asked = parseRetryAfter(response.headers["retry-after"], now);
      resolve({ ok: false, retryAfterMs: asked ?? 0 });
      response.resume();
      socket.terminate();
    });
    socket.once("open", () => {
      socket.pause();
      resolve({ ok: true, socket });
    });
  });
}
