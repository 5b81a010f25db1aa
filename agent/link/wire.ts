import { TAKEN_OVER } from "@millwright/schema/opamp";
import type WebSocket from "ws";

/** What a session hears of its connection. */
export interface Ears {
  /** Something came; `undefined`: not even a frame. */
  frame(frame: Uint8Array | undefined): void;
  /** The hub is there, and has nothing to say. */
  alive(): void;
  failed(error: Error): void;
  /** The hub says that this host has opened another connection. */
  takenOver(): void;
  closed(reason: string, retryAfterMs?: number): void;
}

/** How frames travel: over a WebSocket, or each as a request of its own. */
export interface Wire {
  readonly kind: "websocket" | "polling";
  readonly isOpen: boolean;
  /** Bytes that have not left yet. */
  readonly buffered: number;
  send(frame: Uint8Array): void;
  /** From now on things are heard; nothing that came before is lost. To be called once. */
  listen(ears: Ears): void;
  /** Ends it in good order, when all that was sent has left; then calls back. */
  close(closed: () => void): void;
  /** Ends it at once. */
  terminate(): void;
}

/** `socket` is paused. */
export function websocketWire(socket: WebSocket): Wire {
  return {
    kind: "websocket",
    get isOpen() {
      return socket.readyState === socket.OPEN;
    },
    get buffered() {
      return socket.bufferedAmount;
    },
    send: (frame) => socket.send(frame),
    listen(ears) {
      socket.on("message", (data, isBinary) =>
        ears.frame(isBinary && Buffer.isBuffer(data) ? data : undefined),
      );
      socket.on("ping", () => ears.alive());
      socket.on("pong", () => ears.alive());
      socket.on("error", (error) => ears.failed(error));
      socket.on("close", (code, reason) => {
        if (reason.toString("utf8") === TAKEN_OVER) ears.takenOver();
        ears.closed(`it closed the connection (${code})`);
      });
      if (socket.readyState === socket.OPEN) socket.resume();
      else ears.closed("it closed the connection at once");
    },
    close(closed) {
      socket.once("close", closed);
      socket.close(1000, "goodbye");
      if (socket.readyState === socket.CLOSED) closed();
    },
    terminate: () => socket.terminate(),
  };
}
