import {
  linkCapability,
  parseReconnect,
  RECONNECT_TYPE,
  type ServerToAgent,
} from "@millwright/schema/opamp";

/** Over how long the hub wants its hosts to come back, when it says so in this message. */
export function reconnectWindowOf({ customMessage }: ServerToAgent): number | undefined {
  const { capability, type, data } = customMessage ?? {};
  if (capability !== linkCapability || type !== RECONNECT_TYPE) return undefined;
  return data && parseReconnect(data);
}
