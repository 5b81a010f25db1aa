/**
 * One WebSocket message (OpAMP, "WebSocket Transport"): a varint header that must be zero, then the protobuf message.
 * On plain HTTP the message goes without the header.
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
  return framed(encodeServerBody(message));
}

/** As on plain HTTP: without the header. */
export function encodeServerBody(
  message: MessageInitShape<typeof ServerToAgentSchema>,
): Uint8Array {
  return toBinary(ServerToAgentSchema, create(ServerToAgentSchema, message));
}

/** As on plain HTTP: without the header. `undefined` when the bytes are no message, or too many. */
export function decodeAgentBody(body: Uint8Array): AgentToServer | undefined {
  return body.length >= MAX_FRAME
    ? undefined
    : read(body, (bytes) => fromBinary(AgentToServerSchema, bytes));
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

function decoded<T>(frame: Uint8Array, parse: (body: Uint8Array) => T): T | undefined {
  if (frame.length === 0 || frame.length > MAX_FRAME || frame[0] !== HEADER) return undefined;
  return read(frame.subarray(1), parse);
}

function read<T>(body: Uint8Array, parse: (body: Uint8Array) => T): T | undefined {
  try {
    return parse(body);
  } catch {
    // Whatever the decoder dislikes, the answer is the same: this is no message.
    return undefined;
  }
}
