/** What a hub says of coming back: over how long a time its hosts are to spread when they lose it. */

/** The custom capability (OpAMP, "Custom messages") under which hub and host speak of their connection. */
export const linkCapability = "millwright.link/v1";

/** Its one message: JSON `{"windowMs": n}`, sent with the hub's first answer. */
export const RECONNECT_TYPE = "reconnect";

/** No hub may keep its hosts away for longer, whatever it says. */
export const MAX_WINDOW_MS = 600_000;
const MIN_WINDOW_MS = 5_000;
/** What a hub needs for one handshake, with room: 400 a second. */
const HOST_MS = 2.5;
/** `{"windowMs": n}` is not longer. */
const MAX_BYTES = 100;

/** The window for a fleet of so many hosts. */
export function windowOf(hosts: number): number {
  return Math.min(MAX_WINDOW_MS, Math.max(MIN_WINDOW_MS, Math.ceil(hosts * HOST_MS)));
}

export function encodeReconnect(windowMs: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ windowMs }));
}

/** The window, cut to what any hub may ask for; `undefined` when these bytes say none. */
export function parseReconnect(data: Uint8Array): number | undefined {
  if (data.length > MAX_BYTES) return undefined;
  const [, digits] =
    /^\s*\{\s*"windowMs"\s*:\s*(\d{1,12})\s*\}\s*$/.exec(new TextDecoder().decode(data)) ?? [];
  return digits === undefined ? undefined : Math.min(MAX_WINDOW_MS, Number(digits));
}
