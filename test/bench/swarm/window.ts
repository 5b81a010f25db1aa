import type { ServerToAgent } from "@millwright/schema/opamp";

/** Over how long the hub wants its hosts to come back, when it says so in this message. */
export function reconnectWindowOf({ customMessage }: ServerToAgent): number | undefined {
  if (customMessage?.capability !== "millwright.link/v1" || customMessage.type !== "reconnect")
    return undefined;
  const { windowMs } = JSON.parse(Buffer.from(customMessage.data).toString("utf8")) as {
    windowMs: number;
  };
  return windowMs;
}
