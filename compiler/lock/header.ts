import { type GGMLQuantizationType, gguf } from "@huggingface/gguf";
import { Failure } from "../failure.ts";

/** The header of a GGUF file. What it says is not yet believed. */
export interface Header {
  /** The value under exactly this key; nothing inherited. */
  valueOf(key: string): unknown;
  /** A whole number from 1 to 2³¹; GGUF writes some as 64-bit integers. */
  countOf(key: string): number | undefined;
  /** From the head of the file to its tensors. Bytes. */
  readonly start: number;
  readonly tensors: readonly Tensor[];
}

export interface Tensor {
  readonly name: string;
  /** Bytes after `start`. */
  readonly offset: number;
  readonly type: GGMLQuantizationType;
  readonly elements: number;
}

/** Reads the first bytes of a file, at most 50 MB of them. Throws Failure when they are no GGUF. */
export async function readHeader(path: string, source: string): Promise<Header> {
  const parsed = await gguf(path, { allowLocalFile: true }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(
      "lock/not-gguf",
      `${source} is no GGUF file that can be read: ${shown(reason)}. Convert the model to GGUF, or name another file.`,
      { cause },
    );
  });
  const values = new Map<string, unknown>(Object.entries(parsed.metadata));
  return {
    valueOf: (key) => values.get(key),
    countOf: (key) => asCount(values.get(key)),
    start: Number(parsed.tensorDataOffset),
    tensors: parsed.tensorInfos.map(({ name, offset, dtype, shape }) => ({
      name,
      offset: Number(offset),
      type: dtype,
      elements: shape.reduce((product, size) => product * Number(size), 1),
    })),
  };
}

export function asCount(value: unknown): number | undefined {
  const count = typeof value === "bigint" ? Number(value) : value;
  return typeof count === "number" && Number.isInteger(count) && count >= 1 && count <= 2 ** 31
    ? count
    : undefined;
}

/** The reason may quote the file, which may hold anything. */
function shown(reason: string): string {
  return reason.replace(/\p{C}/gu, "?").slice(0, 200);
}
