import type { Clock } from "../life/life.ts";
import { Failure, messageOf } from "../life/life.ts";
import { bareApp } from "./app.ts";
import type { Office } from "./office.ts";
import { addRoutes } from "./routes.ts";

/** How long streams get for their last word once the deadline has passed. */
const LAST_WORD_MS = 1_000;
const SWEEP_MS = 50;

/** The gateway at one address. */
export interface Listener {
  /** As it was asked for: `127.0.0.1:0`. */
  readonly wanted: string;
  /** As it was got: `127.0.0.1:41234`. */
  readonly address: string;
  /** Whether only this machine can reach it. */
  readonly loopback: boolean;
  /** Takes no new connections, finishes what flows, ends what flows too long. Returns when all is closed. */
  close(drainMs: number): Promise<void>;
}

/** Throws a `Failure` when the address cannot be had. */
export async function listen(office: Omit<Office, "deadline">, wanted: string): Promise<Listener> {
  const deadline = new AbortController();
  const app = bareApp(office);
  addRoutes(app, { ...office, deadline: deadline.signal });
  const { host, port } = hostAndPort(wanted);
  try {
    await app.listen({ host, port, backlog: 1_024 });
  } catch (cause) {
    await app.close();
    throw new Failure(
      "gateway/cannot-listen",
      `The gateway cannot listen on ${wanted}: ${messageOf(cause)}. Free the address, or change gateway.listen of the host.`,
      { cause },
    );
  }
  const bound = app.server.address();
  if (bound === null || typeof bound === "string") {
    throw new Error("impossible: a server without a port");
  }
  const shown = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return {
    wanted,
    address: `${shown}:${bound.port}`,
    loopback: bound.address === "::1" || bound.address.startsWith("127."),
    async close(drainMs) {
      const closed = new AbortController();
      const closing = app.close().then(() => closed.abort());
      await Promise.all([
        closing,
        // A connection that was busy when the server closed would otherwise stay for as long as its client likes.
        sweep(office.clock, () => app.server.closeIdleConnections(), closed.signal),
        (async () => {
          await office.clock.sleep(drainMs, closed.signal);
          if (closed.signal.aborted) return;
          deadline.abort();
          await office.clock.sleep(LAST_WORD_MS, closed.signal);
          app.server.closeAllConnections();
        })(),
      ]);
    },
  };
}

async function sweep(clock: Clock, close: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    close();
    await clock.sleep(SWEEP_MS, signal);
  }
}

function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  const port = Number(address.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port) || port > 65_535) {
    throw new Failure(
      "gateway/bad-address",
      `${JSON.stringify(address)} is no address to listen on. Write host:port, such as 127.0.0.1:7430.`,
    );
  }
  return { host, port };
}

export function samePort(one: string, other: string): boolean {
  return hostAndPort(one).port === hostAndPort(other).port;
}
