/**
 * Writes GGUF files: magic, version 3, key-values, tensor infos, padding to 32, data of zeros.
 * A number that is not whole is written as a 32-bit float, any other as a 32-bit integer, with a sign in an Int32Array.
 */

export type GgufValue =
  | string
  | number
  | bigint
  | boolean
  | readonly (string | number | boolean)[]
  | Int32Array;

export interface GgufTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The number of a ggml type; 0 is F32, 1 is F16, 12 is Q4_K. */
  readonly type?: number;
  /** Bytes; those of F32 elements when absent. */
  readonly bytes?: number;
}

const types = {
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
} as const;

export function ggufBytes(
  keys: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[] = [{ name: "blk.0.attn_q.weight", shape: [8] }],
): Buffer {
  const { header, size } = ggufHeader(keys, tensors);
  return Buffer.concat([header, Buffer.alloc(size - header.length)]);
}

/** The file without its data, padded to where the data would begin, and the size that it would have with them. */
export function ggufHeader(
  keys: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): { readonly header: Buffer; readonly size: number } {
  let offset = 0;
  const infos = tensors.map(({ name, shape, type = 0, bytes }) => {
    const at = offset;
    offset += padded(bytes ?? 4 * shape.reduce((product, size) => product * size, 1));
    return Buffer.concat([
      text(name),
      uint32(shape.length),
      ...shape.map(uint64),
      uint32(type),
      uint64(at),
    ]);
  });
  const values = Object.entries(keys).map(([key, value]) =>
    Buffer.concat([text(key), typed(value)]),
  );
  const header = Buffer.concat([
    Buffer.from("GGUF"),
    uint32(3),
    uint64(tensors.length),
    uint64(values.length),
    ...values,
    ...infos,
  ]);
  const start = padded(header.length);
  return {
    header: Buffer.concat([header, Buffer.alloc(start - header.length)]),
    size: start + offset,
  };
}

/** Key-values of a small model, sound in all respects. */
export const smallModel: Readonly<Record<string, GgufValue>> = {
  "general.architecture": "llama",
  "llama.block_count": 4,
  "llama.context_length": 2048,
  "llama.embedding_length": 128,
  "llama.attention.head_count": 4,
  "llama.attention.head_count_kv": 2,
  "tokenizer.ggml.tokens": ["a", "b", "c"],
};

function padded(bytes: number): number {
  return Math.ceil(bytes / 32) * 32;
}

function typed(value: GgufValue): Buffer {
  return Buffer.concat([uint32(typeOf(value)), untyped(value)]);
}

function typeOf(value: GgufValue): number {
  if (typeof value === "string") return types.string;
  if (typeof value === "number") return Number.isInteger(value) ? types.uint32 : types.float32;
  if (typeof value === "bigint") return types.uint64;
  return typeof value === "boolean" ? types.bool : types.array;
}

function untyped(value: GgufValue): Buffer {
  if (typeof value === "string") return text(value);
  if (typeof value === "number") return Number.isInteger(value) ? uint32(value) : float32(value);
  if (typeof value === "bigint") return uint64(value);
  if (typeof value === "boolean") return Buffer.from([value ? 1 : 0]);
  if (value instanceof Int32Array)
    return Buffer.concat([uint32(types.int32), uint64(value.length), ...[...value].map(uint32)]);
  return Buffer.concat([
    uint32(typeOf(value[0] ?? 0)),
    uint64(value.length),
    ...value.map(untyped),
  ]);
}

function text(value: string): Buffer {
  return Buffer.concat([uint64(Buffer.byteLength(value)), Buffer.from(value)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function uint64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
