/** OpAMP frames made field by field: an evil hub speaks all of OpAMP, and more than our own .proto knows of. */

/** Field numbers with what they hold: text, an unsigned number, or a message. */
export interface Fields {
  readonly [number: number]: string | number | Fields;
}

/** The wire types of protobuf: a varint, or a length and so many bytes. */
const VARINT = 0;
const LENGTH = 2;

/** A frame as OpAMP's WebSocket transport wants it: the header, then the message. */
export function frameOf(fields: Fields): Uint8Array {
  return Buffer.concat([Buffer.of(0), bytesOf(fields)]);
}

function bytesOf(fields: Fields): Buffer {
  const parts = Object.entries(fields).flatMap(([text, value]) => {
    const number = Number(text);
    if (typeof value === "number") return [varint(number * 8 + VARINT), varint(value)];
    const bytes = typeof value === "string" ? Buffer.from(value) : bytesOf(value);
    return [varint(number * 8 + LENGTH), varint(bytes.length), bytes];
  });
  return Buffer.concat(parts);
}

function varint(value: number): Buffer {
  const low = value % 128;
  return value < 128
    ? Buffer.of(low)
    : Buffer.concat([Buffer.of(low + 128), varint((value - low) / 128)]);
}
