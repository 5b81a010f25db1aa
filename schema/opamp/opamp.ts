/**
 * The wire between host and hub: OpAMP over WebSocket, a profile of it.
 *
 * In: messages. Out: frames, and messages again. Promise: a decoder never throws and never reads past MAX_FRAME.
 */

export {
  decodeAgentFrame,
  decodeServerFrame,
  encodeAgentFrame,
  encodeServerFrame,
  MAX_FRAME,
} from "./frame.ts";
export {
  AgentCapabilities,
  type AgentToServer,
  RemoteConfigStatuses,
  ServerCapabilities,
  ServerErrorResponseType,
  type ServerToAgent,
  ServerToAgentFlags,
} from "./generated/opamp_pb.js";

/** The path of the WebSocket under a hub's origin. */
export const OPAMP_PATH = "/v1/opamp";

/** The key in `EffectiveConfig` under which an agent puts its status (`AgentStatus`, JSON). */
export const STATUS_FILE = "status.json";
