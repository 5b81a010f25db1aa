/**
 * The wire between host and hub: OpAMP over WebSocket, or over plain HTTP; a profile of it, which PROFILE.md tells.
 *
 * In: messages. Out: frames, and messages again. Promise: a decoder never throws and never reads past MAX_FRAME.
 */

export {
  decodeAgentBody,
  decodeAgentFrame,
  decodeServerFrame,
  encodeAgentFrame,
  encodeServerBody,
  encodeServerFrame,
  MAX_FRAME,
} from "./frame.ts";
export {
  AgentCapabilities,
  type AgentToServer,
  AgentToServerFlags,
  RemoteConfigStatuses,
  ServerCapabilities,
  ServerErrorResponseType,
  type ServerToAgent,
  ServerToAgentFlags,
} from "./generated/opamp_pb.js";
export {
  encodeReconnect,
  linkCapability,
  MAX_WINDOW_MS,
  parseReconnect,
  RECONNECT_TYPE,
  windowOf,
} from "./reconnect.ts";

/** The path under a hub's origin, of the WebSocket and of polling (OpAMP, "Plain HTTP Transport"). */
export const OPAMP_PATH = "/v1/opamp";

/** The key in `EffectiveConfig` under which an agent puts its status (`AgentStatus`, JSON). */
export const STATUS_FILE = "status.json";

/** The media type of a body on plain HTTP. */
export const OPAMP_TYPE = "application/x-protobuf";

/** The header by which a message on plain HTTP names its sender without being read. */
export const INSTANCE_HEADER = "opamp-instance-uid";

/** Why a hub closes a connection with code 1008 when the same host has opened a newer one. */
export const TAKEN_OVER = "another connection took over";
