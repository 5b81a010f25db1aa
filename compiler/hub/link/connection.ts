import { telemetryCapability } from "@millwright/schema";
import {
  decodeAgentFrame,
  encodeServerFrame,
  MAX_FRAME,
  ServerCapabilities,
  ServerErrorResponseType,
} from "@millwright/schema/opamp";
import type { WebSocket } from "ws";
import type { HostView } from "../fleet/fleet.ts";
import { deliveryOf, type Offer, offerHash } from "../follow/follow.ts";
import { flagsOf, sessionOf } from "./session.ts";

const capabilities = BigInt(
  ServerCapabilities.ServerCapabilities_AcceptsStatus |
    ServerCapabilities.ServerCapabilities_OffersRemoteConfig |
    ServerCapabilities.ServerCapabilities_AcceptsEffectiveConfig,
);

/** Close codes of WebSocket (RFC 6455, section 7.4.1). */
export const closeCodes = {
  away: 1001,
  unsupported: 1003,
  policy: 1008,
  overloaded: 1013,
} as const;

export interface ConnectionRequest {
  readonly socket: WebSocket;
  readonly host: HostView;
  readonly bufferedBytes: number;
  readonly now: () => number;
  readonly offer: () => Offer | undefined;
  /** The host said something; `lasting`: it is to be remembered. */
  readonly heard: (host: HostView, lasting: boolean) => void;
  /** The host could not do what it was offered. */
  readonly failed: (host: HostView, reason: string) => void;
  readonly complained: (host: HostView, complaint: string) => void;
  readonly sent: () => void;
}

/** One host's WebSocket. */
export interface Connection {
  readonly host: HostView;
  /** The key that let it in. */
  readonly key: HostView["key"];
  /** Gives the host what is offered now, when it has introduced itself. */
  push(): void;
  /** Ends the connection in good order; after half a minute without an answer `ws` cuts it off. */
  close(code: number, reason: string): void;
  /** Asks whether the host is still there; cuts it off when it did not answer the last time. */
  probe(): void;
  /** Ends the connection at once. */
  cut(): void;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
}

export function connectionOf(request: ConnectionRequest): Connection {
  const { socket, host, now } = request;
  const session = sessionOf(host);
  let alive = true;
  let introduced = false;

  const close = (code: number, reason: string) => {
    socket.close(code, reason);
  };

  const send = (message: Parameters<typeof encodeServerFrame>[0]): void => {
    if (socket.readyState !== socket.OPEN) return;
    // A host that does not read must not fill the memory of the hub. What it misses it is offered when it comes back.
    if (socket.bufferedAmount > request.bufferedBytes) {
      request.complained(host, "reads too slowly");
      socket.terminate();
      return;
    }
    const frame = encodeServerFrame({
      ...(session.instance === undefined ? {} : { instanceUid: session.instance }),
      capabilities,
      ...message,
    });
    if (frame.length > MAX_FRAME) {
      request.complained(host, `an offer of ${frame.length} bytes is larger than a frame may be`);
      return;
    }
    request.sent();
    socket.send(frame);
  };

  const offered = (): Parameters<typeof encodeServerFrame>[0] => {
    const offer = request.offer();
    const delivery = offer && deliveryOf(offer, host.name);
    if (offer === undefined || delivery === undefined) return {};
    const files = [...delivery].map(
      ([name, body]) => [name, { body, contentType: "application/json" }] as const,
    );
    const config = { configMap: Object.fromEntries(files) };
    return { remoteConfig: { config, configHash: offerHash(offer, host.name) } };
  };

  const refuse = (code: number, complaint: string) => {
    request.complained(host, complaint);
    const type = ServerErrorResponseType.ServerErrorResponseType_BadRequest;
    send({ errorResponse: { type, errorMessage: complaint } });
    close(code, complaint.slice(0, 100));
  };

  const receive = (data: Buffer) => {
    const message = decodeAgentFrame(data);
    if (message === undefined) {
      refuse(closeCodes.policy, "this frame is no message of OpAMP");
      return;
    }
    const heard = session.hear(message, now());
    request.heard(host, heard.lasting);
    if (session.instance === undefined) {
      refuse(closeCodes.policy, heard.wrong.join("; "));
      return;
    }
    if (heard.failure !== undefined) request.failed(host, heard.failure);
    const [complaint] = heard.wrong;
    if (complaint !== undefined) request.complained(host, complaint);
    const type = ServerErrorResponseType.ServerErrorResponseType_BadRequest;
    const errorResponse =
      complaint === undefined ? {} : { errorResponse: { type, errorMessage: complaint } };
    // Answered every time (OpAMP, "ServerToAgent"); the first answer brings the plan.
    const first = introduced
      ? {}
      : { ...offered(), customCapabilities: { capabilities: [telemetryCapability] } };
    introduced = true;
    send({ flags: flagsOf(heard), ...errorResponse, ...first });
    if (heard.goodbye) close(1000, "goodbye");
  };

  socket.on("message", (data, binary) => {
    alive = true;
    if (!binary || !Buffer.isBuffer(data)) refuse(closeCodes.unsupported, "frames are binary");
    else receive(data);
  });
  socket.on("pong", () => {
    alive = true;
  });
  // What `ws` refuses itself (too large a frame, a broken one), it also closes.
  socket.on("error", (error) => request.complained(host, error.message));

  return {
    host,
    key: host.key,
    close,
    cut: () => socket.terminate(),
    ended: new Promise((resolve) => {
      socket.once("close", () => resolve());
    }),
    push() {
      if (introduced) send(offered());
    },
    probe() {
      if (!alive) {
        socket.terminate();
        return;
      }
      alive = false;
      socket.ping();
    },
  };
}
