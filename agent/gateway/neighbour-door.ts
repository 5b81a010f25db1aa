import type { KeyObject } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { type Conditions, messageOf, type Service } from "../life/life.ts";
import { hostAndPort, keyOfPeer, tlsOf } from "../relay/relay.ts";
import { answerNeighbour, type NeighbourOffice } from "./answer-neighbour.ts";

const HANDSHAKE_MS = 5_000;
/** Connections that have not shown who they are: a stranger can keep no more of them open. */
const MAX_CONNECTIONS = 1_024;
const LOOK_MS = 1_000;
const RETRY_MS = 5_000;
const CANNOT = "relay/cannot-listen";

/** Listens where the plan says that other hosts reach this one; where it says nothing, not at all. */
export function neighbourDoor(
  office: NeighbourOffice,
  key: KeyObject,
  conditions: Conditions,
  drainMs: number,
): Service {
  const { plan, journal, clock } = office;
  /** Of each connection: what ends it once it is idle. */
  const open = new Map<TLSSocket, () => void>();

  const admit = (socket: TLSSocket) => {
    socket.on("error", () => undefined);
    const shown = keyOfPeer(socket);
    // Strangers: only a host that the plan names as a neighbour gets a word in.
    const neighbour = plan()?.plan.neighbours?.find(({ key: known }) => known === shown);
    if (neighbour?.asks === undefined) {
      journal("warn", { event: "relay/stranger", key: shown ?? "none" });
      socket.destroy();
      return;
    }
    open.set(socket, answerNeighbour(office, neighbour.host, socket.setNoDelay(true)));
    socket.once("close", () => open.delete(socket));
  };

  const listen = async (address: string): Promise<Server> => {
    const server = createServer(
      { ...tlsOf(key), requestCert: true, handshakeTimeout: HANDSHAKE_MS },
      admit,
    );
    server.maxConnections = MAX_CONNECTIONS;
    server.on("tlsClientError", () => undefined);
    server.listen(hostAndPort(address));
    await once(server, "listening");
    return server;
  };

  const move = async (address: string): Promise<Server | undefined> => {
    try {
      const server = await listen(address);
      journal("info", { event: "relay/listening", address });
      return server;
    } catch (error) {
      conditions.raise({
        ...{ code: CANNOT, severity: "error" },
        message: `Other hosts cannot reach this one at ${address}: ${messageOf(error)}. Free the address, or change gateway.address of the host; it is tried again by itself.`,
      });
      return undefined;
    }
  };

  return async (signal) => {
    let current: { readonly address: string; readonly server: Server } | undefined;
    while (!signal.aborted) {
      const address = plan()?.plan.gateway.address;
      if (address !== current?.address) {
        current?.server.close();
        current = undefined;
        const server = address === undefined ? undefined : await move(address);
        if (address !== undefined && server !== undefined) current = { address, server };
        if (address === undefined || server !== undefined) conditions.clear(CANNOT);
      }
      const isThere = current?.address === address;
      await clock.sleep(isThere ? LOOK_MS : RETRY_MS, signal);
    }
    // What is being answered is finished first.
    const closed = new AbortController();
    current?.server.close(() => closed.abort());
    for (const leave of open.values()) leave();
    if (current !== undefined) await clock.sleep(drainMs, closed.signal);
    for (const socket of open.keys()) socket.destroy();
  };
}
