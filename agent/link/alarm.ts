import { MAX_FRAME } from "@millwright/schema/opamp";
import type { Conditions, Journal } from "../life/life.ts";

/** What no honest hub does, whatever the network does to it. Permanent: status and hub name them. */
const alarms = {
  "link/bad-frame": "sent a frame that is no message",
  "link/oversized-frame": `sent a frame of more than ${MAX_FRAME} bytes`,
  "link/compressed": "compresses, which this host did not offer to take",
} as const;
type AlarmCode = keyof typeof alarms;

export interface Alarms {
  readonly conditions: Conditions;
  readonly journal: Journal;
  readonly hub: string;
}

/** A person must know, also when the next connection is sound: the alarm stays until the agent restarts. */
export function raise(code: AlarmCode, { conditions, journal, hub }: Alarms): void {
  journal("error", { event: code, hub });
  conditions.raise({
    ...{ code, severity: "error" },
    message: `The hub ${hub.slice(0, 200)} ${alarms[code]}. The connection was ended and nothing was changed. Look what stands between this host and the hub, and who controls it.`,
  });
}

/** Which alarm an error of `ws` is; `undefined`: the connection broke, as connections do. */
export function alarmOf(error: Error): AlarmCode | undefined {
  const code = "code" in error ? String(error.code) : "";
  // Endless data: neither one large frame nor many small ones of one message are taken in.
  if (/^WS_ERR_(UNSUPPORTED_MESSAGE_LENGTH|UNSUPPORTED_DATA_PAYLOAD_LENGTH|TOO_MANY)/.test(code))
    return "link/oversized-frame";
  // Compression bomb: RFC 7692 marks a compressed frame by this bit, and nobody agreed on that here.
  if (code === "WS_ERR_UNEXPECTED_RSV_1") return "link/compressed";
  return code.startsWith("WS_ERR_") ? "link/bad-frame" : undefined;
}

const SILENT = "link/silent";

/** Slow retrieval: a hub that drips, or a line that is dead; which of them nobody can tell from here. */
export function raiseSilent(silentMs: number, { conditions, hub }: Alarms): void {
  conditions.raise({
    ...{ code: SILENT, severity: "warning" },
    message: `The hub ${hub.slice(0, 200)} kept the connection for ${silentMs / 1000} s without a whole message. It is dialled again; if that comes again, look what stands between.`,
  });
}

/** To be called when a connection has held. */
export function clearSilent({ conditions }: Alarms): void {
  conditions.clear(SILENT);
}
