import { once } from "node:events";
import type { Server } from "node:http";
import { createServer, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { fairQueue } from "../admit/admit.ts";
import type { Clock } from "../clock.ts";

/** A TLS handshake takes about a millisecond: so few between two turns of the event loop hold up nobody. */
const HANDSHAKES_A_TURN = 4;
const PLAIN_A_TURN = 20;
/** Agents give up after 15 seconds: whose turn has not come by then is let go before anything is spent on it. */
const WAITING_MS = 10_000;
/** A flood must not take the memory. */
const MAX_WAITING = 20_000;
/** What the kernel may complete while we are busy; all of it is accepted in one turn. */
const BACKLOG = 1_024;
const CLOSING_MS = 2_000;

export interface Entrance {
  /** Gives the port. */
  listen(at: { readonly host: string; readonly port: number }): Promise<number>;
  /** Accepts nobody any more, and lets go whoever still waits. */
  close(): Promise<void>;
}

/**
 * Accepts for `server`, in small portions: ten thousand hosts that come back at once must not stop the hub for those
 * that are there. A socket waits unread, before a handshake has cost anything; addresses take turns.
 */
export function entranceOf(server: Server, isTls: boolean, clock: Clock): Entrance {
  const queue = fairQueue<Socket>();
  const present = new Set<Socket>();
  const perTurn = isTls ? HANDSHAKES_A_TURN : PLAIN_A_TURN;
  let isBusy = false;

  const handOver = async () => {
    isBusy = true;
    for (let count = 1, socket = queue.take(); socket !== undefined; socket = queue.take()) {
      if (socket.destroyed) continue;
      socket.removeAllListeners("timeout").removeAllListeners("error").setTimeout(0);
      server.emit("connection", socket);
      // TLS reads below the socket; it would miss what the socket reads itself.
      if (!isTls) socket.resume();
      if (count % perTurn === 0) await turn();
      count += 1;
    }
    isBusy = false;
  };

  const listener = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    if (queue.size >= MAX_WAITING) {
      socket.destroy();
      return;
    }
    present.add(socket);
    socket.once("close", () => present.delete(socket));
    socket.setTimeout(WAITING_MS, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    // Flood: one address that opens thousands of connections takes one turn like everybody else.
    queue.add(socket.remoteAddress ?? "", socket);
    if (!isBusy) void handOver();
  });

  return {
    async listen(at) {
      listener.listen({ ...at, backlog: BACKLOG });
      await once(listener, "listening");
      const address = listener.address();
      if (address === null || typeof address === "string")
        throw new Error("impossible: a server without a port");
      return address.port;
    },
    async close() {
      const closed = once(listener, "close");
      listener.close();
      for (const socket of queue.drain()) socket.destroy();
      server.closeAllConnections();
      // WebSockets say goodbye; handshakes that stand half-way are nobody's loss.
      const late = new AbortController();
      await Promise.race([closed, clock.sleep(CLOSING_MS, late.signal)]);
      late.abort();
      for (const socket of present) socket.destroy();
      await closed;
    },
  };
}
