/**
 * One WebSocket message (OpAMP, "WebSocket Transport"): a varint header that must be zero, then the protobuf message.
 */
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type AgentToServer,
  AgentToServerSchema,
  type ServerToAgent,
  ServerToAgentSchema,
} from "./generated/opamp_pb.js";

/** Larger frames close the connection, in either direction. Bytes. */
export const MAX_FRAME = 4 * 1024 ** 2;

const HEADER = 0;

export function encodeAgentFrame(
  message: MessageInitShape<typeof AgentToServerSchema>,
): Uint8Array {
  return framed(toBinary(AgentToServerSchema, create(AgentToServerSchema, message)));
}

export function encodeServerFrame(
  message: MessageInitShape<typeof ServerToAgentSchema>,
): Uint8Array {
  return framed(toBinary(ServerToAgentSchema, create(ServerToAgentSchema, message)));
}

/** `undefined` when the bytes are no frame: a wrong header, a broken message, or too large. */
export function decodeAgentFrame(frame: Uint8Array): AgentToServer | undefined {
  return decoded(frame, (body) => fromBinary(AgentToServerSchema, body));
}

/** `undefined` when the bytes are no frame: a wrong header, a broken message, or too large. */
export function decodeServerFrame(frame: Uint8Array): ServerToAgent | undefined {
  return decoded(frame, (body) => fromBinary(ServerToAgentSchema, body));
}

function framed(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(body.length + 1);
  frame[0] = HEADER;
  frame.set(body, 1);
  return frame;
}

function decoded<T>(frame: Uint8Array, read: (body: Uint8Array) => T): T | undefined {
  if (frame.length === 0 || frame.length > MAX_FRAME || frame[0] !== HEADER) return undefined;
  try {
    return read(frame.subarray(1));
  } catch {
    // Whatever the decoder dislikes, the answer is the same: this is no message.
    return undefined;
  }
}
