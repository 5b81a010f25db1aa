import { GGMLQuantizationType } from "@huggingface/gguf";
import type { Header, Tensor } from "./header.ts";

/** Bytes of one element, of the types whose elements are not packed into blocks. */
const elementBytes: ReadonlyMap<GGMLQuantizationType, number> = new Map([
  [GGMLQuantizationType.F32, 4],
  [GGMLQuantizationType.F16, 2],
  [GGMLQuantizationType.BF16, 2],
  [GGMLQuantizationType.F64, 8],
]);
/** The thinnest packing there is takes 1 bit for an element; no type is known to take less. */
const LEAST_BYTES = 1 / 8;

/** Bytes that the tensors take in a file of `size` bytes, or why they cannot be there: a download that broke off. */
export function spaceOf(
  { start, tensors }: Header,
  size: number,
): { readonly bytes: number } | { readonly wrong: string } {
  const bytes = size - start;
  if (tensors.length === 0) return { wrong: "it holds no tensors" };
  if (bytes <= 0) return { wrong: "it ends before its tensors" };
  for (const { name, offset, type, elements } of tensors) {
    const end = offset + elements * (elementBytes.get(type) ?? LEAST_BYTES);
    // A name is from the file: it is quoted only when it is a plain word.
    const which = /^[\w.-]{1,100}$/.test(name) ? `its tensor ${name}` : "a tensor";
    if (end > bytes) return { wrong: `it ends before ${which} does` };
  }
  return { bytes };
}

/** A tensor reaches to where the next one begins, so its size needs no table of quantisations. */
export function embeddingsIn(
  tensors: readonly Tensor[],
  total: number,
): { readonly embeddingBytes: number; readonly tiedOutput: boolean } {
  const tiedOutput = !tensors.some(({ name }) => name === "output.weight");
  const own = tensors.find(({ name }) => name === "token_embd.weight");
  if (own === undefined) return { embeddingBytes: 0, tiedOutput };
  const end = tensors.reduce(
    (next, { offset }) => (offset > own.offset && offset < next ? offset : next),
    total,
  );
  return { embeddingBytes: end - own.offset, tiedOutput };
}
