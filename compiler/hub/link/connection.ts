import { decodeAgentFrame, encodeServerFrame, MAX_FRAME } from "@millwright/schema/opamp";
import type { WebSocket } from "ws";
import type { HostView } from "../fleet/fleet.ts";
import type { Reply, ServerMessage, Talk } from "./talk.ts";

/** Close codes of WebSocket (RFC 6455, section 7.4.1). */
export const closeCodes = {
  away: 1001,
  unsupported: 1003,
  policy: 1008,
  overloaded: 1013,
} as const;

const endCodes = {
  goodbye: 1000,
  broken: closeCodes.policy,
  flood: closeCodes.overloaded,
} as const satisfies Record<NonNullable<Reply["end"]>, number>;

export interface ConnectionRequest {
  readonly socket: WebSocket;
  readonly host: HostView;
  readonly bufferedBytes: number;
  readonly talk: Talk;
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
  const { socket, host, talk } = request;
  let alive = true;

  const close = (code: number, reason: string) => {
    socket.close(code, reason);
  };

  const send = (message: ServerMessage): void => {
    if (socket.readyState !== socket.OPEN) return;
    // A host that does not read must not fill the memory of the hub. What it misses it is offered when it comes back.
    if (socket.bufferedAmount > request.bufferedBytes) {
      request.complained(host, "reads too slowly");
      socket.terminate();
      return;
    }
    const frame = encodeServerFrame(message);
    if (frame.length > MAX_FRAME) {
      request.complained(host, `an offer of ${frame.length} bytes is larger than a frame may be`);
      return;
    }
    request.sent();
    socket.send(frame);
  };

  const receive = (frame: Uint8Array | undefined) => {
    const { message, end } = talk.answer(frame && decodeAgentFrame(frame));
    send(message);
    if (end !== undefined) {
      const words = message.errorResponse?.errorMessage ?? "goodbye";
      close(frame === undefined ? closeCodes.unsupported : endCodes[end], words.slice(0, 100));
    }
  };

  socket.on("message", (data, binary) => {
    alive = true;
    // Frames are binary; text is no message.
    receive(binary && Buffer.isBuffer(data) ? data : undefined);
  });
  socket.on("pong", () => {
    alive = true;
  });
  socket.once("close", talk.end);
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
      const news = talk.news();
      if (news !== undefined) send(news);
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
