import { gguf } from "@huggingface/gguf";
import { Failure } from "../failure.ts";
import type { AdapterFacts, ModelFacts } from "./artifact.ts";

type Header = Awaited<ReturnType<typeof gguf>>;

/** The facts of a GGUF file on this disk, from its header alone. Throws Failure when it is none, or leaves out what planning needs. */
export async function readFacts(
  path: string,
  size: number,
  source: string,
): Promise<ModelFacts | AdapterFacts> {
  let header: Header;
  try {
    header = await gguf(path, { allowLocalFile: true });
  } catch (cause) {
    throw new Failure(
      "lock/not-gguf",
      `${source} is no GGUF file that can be read: ${cause instanceof Error ? cause.message : cause}. Convert the model to GGUF, or name another file.`,
      { cause },
    );
  }
  return factsOf(header, size, source);
}

function factsOf(
  { metadata, tensorInfos, tensorDataOffset }: Header,
  size: number,
  source: string,
): ModelFacts | AdapterFacts {
  const values = metadata as unknown as Readonly<Record<string, unknown>>;
  const wrong = (what: string) =>
    new Failure(
      "lock/unusable-gguf",
      `${source}: ${what}. The file is damaged, or of a kind that cannot be planned.`,
    );
  const architecture = values["general.architecture"];
  if (typeof architecture !== "string" || !/^[\w-]{1,64}$/.test(architecture))
    throw wrong("general.architecture is missing");
  const tensorBytes = size - Number(tensorDataOffset);
  if (tensorBytes <= 0) throw wrong("it ends before its tensors");
  if (values["general.type"] === "adapter") return { kind: "adapter", architecture, tensorBytes };

  const count = (key: string, least = 1): number | undefined => {
    const value = Number(values[`${architecture}.${key}`] ?? Number.NaN);
    return Number.isSafeInteger(value) && value >= least && value <= 2 ** 31 ? value : undefined;
  };
  const needed = (key: string, found: number | undefined): number => {
    if (found === undefined) throw wrong(`${architecture}.${key} is missing or out of range`);
    return found;
  };
  const embedding = needed("embedding_length", count("embedding_length"));
  const heads = needed("attention.head_count", count("attention.head_count"));
  const tokens = values["tokenizer.ggml.tokens"];
  const window = count("attention.sliding_window");
  return {
    kind: "model",
    architecture,
    layers: needed("block_count", count("block_count")),
    embedding,
    vocabulary: needed(
      "vocab_size",
      count("vocab_size") ?? (Array.isArray(tokens) ? tokens.length : undefined),
    ),
    contextLength: needed("context_length", count("context_length")),
    heads,
    kvHeads: kvHeadsOf(values[`${architecture}.attention.head_count_kv`], heads),
    keyLength: count("attention.key_length") ?? Math.floor(embedding / heads),
    valueLength: count("attention.value_length") ?? Math.floor(embedding / heads),
    ...(window !== undefined && { slidingWindow: window }),
    tensorBytes,
    ...embeddingsIn(tensorInfos, tensorBytes),
  };
}

/** Absent: as many as heads. One number, or one for each layer. */
function kvHeadsOf(value: unknown, heads: number): number | readonly number[] {
  if (Array.isArray(value)) return value.slice(0, 10_000).map((each) => Number(each));
  const count = Number(value ?? heads);
  return Number.isSafeInteger(count) && count > 0 ? count : heads;
}

/** A tensor reaches to where the next one begins, so its size needs no table of quantisations. */
function embeddingsIn(
  tensors: Header["tensorInfos"],
  total: number,
): { readonly embeddingBytes: number; readonly tiedOutput: boolean } {
  const starts = tensors.map(({ offset }) => Number(offset)).sort((a, b) => a - b);
  const own = tensors.find(({ name }) => name === "token_embd.weight");
  const tiedOutput = !tensors.some(({ name }) => name === "output.weight");
  if (own === undefined) return { embeddingBytes: 0, tiedOutput };
  const start = Number(own.offset);
  const end = starts.find((next) => next > start) ?? total;
  return { embeddingBytes: end - start, tiedOutput };
}
