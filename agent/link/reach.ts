import { type Dialled, dial } from "./dial.ts";
import { openPolling, type Poller } from "./poll.ts";
import { type Wire, websocketWire } from "./wire.ts";

/** What came of trying one hub: a wire that is open, or why there is none. */
export type Reached =
  | { readonly kind: "open"; readonly hub: string; readonly wire: Wire }
  | Exclude<Dialled, { kind: "open" }>;

/** By WebSocket, or by polling when something on the way lets no WebSocket through. Never throws. */
export async function reach(poller: Poller, signal: AbortSignal): Promise<Reached> {
  const { hub } = poller;
  const dialled = await reachBySocket(poller, signal);
  if (dialled.kind !== "failed" || !dialled.isBlocked || signal.aborted) return dialled;
  const polling = await openPolling(poller, signal);
  if (polling.kind === "open") return { kind: "open", hub, wire: polling.wire };
  const { retryAfterMs } = polling;
  return retryAfterMs === undefined ? dialled : { ...dialled, retryAfterMs };
}

/** By WebSocket or not at all. */
export async function reachBySocket(poller: Poller, signal: AbortSignal): Promise<Reached> {
  const dialled = await dial(poller.hub, poller, signal);
  if (dialled.kind !== "open") return dialled;
  return { kind: "open", hub: poller.hub, wire: websocketWire(dialled.socket) };
}
