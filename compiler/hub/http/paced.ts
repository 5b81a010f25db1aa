import type { Server } from "node:https";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { fairQueue } from "../admit/admit.ts";

/** A handshake takes about a millisecond: so few between two turns of the event loop hold up nobody. */
const HANDSHAKES_A_TURN = 4;
/** A client that has said nothing by then, or whose turn has not come, is let go: agents give up after 15 seconds. */
const WAITING_MS = 10_000;
const MAX_WAITING = 20_000;

export interface Paced {
  /** Lets go whoever still waits. */
  stop(): void;
}

/**
 * TLS handshakes in small portions: ten thousand hosts that come back at once must not stop the hub for those that are
 * there. Sockets wait before anything has been spent on them but a buffer of what the client said first.
 */
export function paced(server: Server): Paced {
  const begin = server.listeners("connection");
  const waiting = new Set<Socket>();
  const queue = fairQueue<Socket>();
  let isBusy = false;

  const handOver = async () => {
    isBusy = true;
    for (let count = 1; ; count += 1) {
      const socket = queue.take();
      if (socket === undefined) break;
      if (!waiting.delete(socket) || socket.destroyed) continue;
      socket.setTimeout(0);
      socket.removeAllListeners("timeout");
      socket.removeAllListeners("error");
      for (const listener of begin) listener.call(server, socket);
      if (count % HANDSHAKES_A_TURN === 0) await turn();
    }
    isBusy = false;
  };

  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    // A flood must not take the memory; those who wait are let go when their time is over.
    if (waiting.size >= MAX_WAITING) {
      socket.destroy();
      return;
    }
    waiting.add(socket);
    socket.setTimeout(WAITING_MS, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.once("close", () => waiting.delete(socket));
    // Slow hello: who opens connections and says nothing takes no turn from those who speak.
    socket.once("readable", () => {
      // By address, so that one that opens thousands takes one turn like everybody else.
      queue.add(socket.remoteAddress ?? "", socket);
      if (!isBusy) void handOver();
    });
  });
  return {
    stop() {
      for (const socket of waiting) socket.destroy();
    },
  };
}
