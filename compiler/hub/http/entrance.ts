import { once } from "node:events";
import type { Server } from "node:http";
import { createServer, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { fairQueue } from "../admit/admit.ts";
import type { Clock } from "../clock.ts";

/** A TLS handshake takes about a millisecond: so few between two turns of the event loop hold up nobody. */
const HANDSHAKES_A_TURN = 4;
const PLAIN_A_TURN = 20;
/** Clients that stall answer all at once in the end: no more of them than the loop bears in one go. */
const HANDSHAKES_AT_ONCE = 20;
/** For so long nobody waits for clients that begin a handshake and do not go on. */
const PATIENCE_MS = 250;
/** Agents give up after 15 seconds: whose turn has not come by then is let go before anything is spent on it. */
const WAITING_MS = 10_000;
/** A flood must not take the memory. */
const MAX_PRESENT = 50_000;
/** What the kernel may complete while we are busy; all of it is accepted in one turn. */
const BACKLOG = 256;
const CLOSING_MS = 2_000;

export interface Entrance {
  /** Gives the port. */
  listen(at: { readonly host: string; readonly port: number }): Promise<number>;
  /** Accepts nobody any more, and lets go whoever still waits. */
  close(): Promise<void>;
}

/**
 * Accepts for `server`, in small portions: ten thousand hosts that come back at once must not stop the hub for those
 * that are there. A socket waits until the client has spoken and its turn has come; nothing is spent on it before.
 */
export function entranceOf(server: Server, isTls: boolean, clock: Clock): Entrance {
  const queue = fairQueue<Socket>();
  const present = new Set<Socket>();
  const open = new AbortController();
  let isBusy = false;
  let handshakes = 0;
  let roomAgain = new AbortController();

  if (isTls) {
    const done = () => {
      handshakes = Math.max(0, handshakes - 1);
      roomAgain.abort();
    };
    server.on("secureConnection", done).on("tlsClientError", done);
  }

  /** Resolves when another handshake may begin. */
  const room = async () => {
    while (isTls && handshakes >= HANDSHAKES_AT_ONCE && !open.signal.aborted) {
      roomAgain = new AbortController();
      const before = handshakes;
      await clock.sleep(PATIENCE_MS, roomAgain.signal);
      // Slow handshake: who begins one and stalls must not keep the others out.
      if (handshakes === before) handshakes = 0;
    }
  };

  const handOver = async () => {
    isBusy = true;
    for (let count = 1; queue.size > 0; count += 1) {
      await room();
      const socket = queue.take();
      if (socket === undefined || socket.destroyed) continue;
      socket.removeAllListeners("timeout").removeAllListeners("error").setTimeout(0);
      handshakes += 1;
      server.emit("connection", socket);
      if (count % (isTls ? HANDSHAKES_A_TURN : PLAIN_A_TURN) === 0) await turn();
    }
    isBusy = false;
  };

  const listener = createServer({ noDelay: true }, (socket) => {
    if (present.size >= MAX_PRESENT) {
      socket.destroy();
      return;
    }
    present.add(socket);
    socket.once("close", () => present.delete(socket));
    socket.setTimeout(WAITING_MS, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    // Slow hello: who connects and says nothing takes no turn from those who speak.
    socket.once("readable", () => {
      // Flood: one address that opens thousands of connections takes one turn like everybody else.
      queue.add(socket.remoteAddress ?? "", socket);
      if (!isBusy) void handOver();
    });
  });

  return {
    async listen(at) {
      listener.listen({ ...at, backlog: BACKLOG });
      await once(listener, "listening");
      // Slow headers, slow bodies: Node watches over requests, and can end all connections, once its server listens.
      server.emit("listening");
      const address = listener.address();
      if (address === null || typeof address === "string")
        throw new Error("impossible: a server without a port");
      return address.port;
    },
    async close() {
      const closed = once(listener, "close");
      open.abort();
      roomAgain.abort();
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
