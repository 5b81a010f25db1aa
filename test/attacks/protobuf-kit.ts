/** OpAMP frames made field by field: an evil hub speaks all of OpAMP, and more than our own .proto knows of. */
import { BinaryWriter } from "@bufbuild/protobuf/wire";

/** Field numbers with what they hold. */
export interface Fields {
  readonly [number: number]: string | number | Fields;
}

/** A frame as OpAMP's WebSocket transport wants it: the header, then the message. */
export function frameOf(fields: Fields): Uint8Array {
  return Buffer.concat([Buffer.of(0), bytesOf(fields)]);
}

function bytesOf(fields: Fields): Uint8Array {
  const writer = new BinaryWriter();
  for (const [number, value] of Object.entries(fields)) {
    if (typeof value === "number") writer.tag(Number(number), 0).uint32(value);
    else if (typeof value === "string") writer.tag(Number(number), 2).string(value);
    else writer.tag(Number(number), 2).bytes(bytesOf(value));
  }
  return writer.finish();
}
