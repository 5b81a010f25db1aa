import type { KeyObject } from "node:crypto";
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import type { Neighbour } from "@millwright/schema";
import { Failure, messageOf } from "../life/life.ts";
import { hostAndPort, keyOfPeer, tlsOf } from "./tls.ts";

/**
 * Connects to a neighbour and has it prove who it is. Throws Failure: `relay/unreachable`, or `relay/wrong-key` when
 * somebody else answers there.
 */
export async function dial(
  { host: name, key, address }: Neighbour,
  own: KeyObject,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { host, port } = hostAndPort(address);
  const socket = connect({ ...tlsOf(own), host, port, checkServerIdentity: () => undefined });
  // Whoever waits is told by `once`; later errors end in `close`.
  socket.on("error", () => undefined);
  try {
    await once(socket, "secureConnect", { signal });
  } catch (cause) {
    socket.destroy();
    const why = signal.aborted ? "it does not answer" : messageOf(cause);
    throw new Failure("relay/unreachable", `${name} is not reached at ${address}: ${why}.`, {
      cause,
    });
  }
  // Impersonation: whoever took over the address must not see what people ask.
  if (keyOfPeer(socket) === key) return socket.setNoDelay(true);
  socket.destroy();
  throw new Failure(
    "relay/wrong-key",
    `Another than ${name} answers at ${address}: it does not hold the key that the plan names.`,
  );
}
