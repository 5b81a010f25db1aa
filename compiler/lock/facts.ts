import { Failure } from "../failure.ts";
import { isAgent, readAgentFacts } from "./agent-facts.ts";
import type { Facts, ModelFacts } from "./artifact.ts";
import { asCount, type Header, readHeader } from "./header.ts";
import { attending, stateOf } from "./recurrent.ts";
import { slidingOf } from "./sliding.ts";
import { embeddingsIn, spaceOf } from "./tensors.ts";
import { widthOf } from "./width.ts";

/** A header that claims more layers than any model has is hostile. */
const MAX_LAYERS = 10_000;

/**
 * The facts of a GGUF file or of the archive of an agent on this disk, from its head alone; `size` is that of the whole file.
 * Throws Failure when it is none, is cut short, or leaves out what planning needs.
 */
export async function readFacts(path: string, size: number, source: string): Promise<Facts> {
  if (await isAgent(path)) return await readAgentFacts(path, source);
  const header = await readHeader(path, source);
  const wrong: Wrong = (what) =>
    new Failure(
      "lock/unusable-gguf",
      `${source}: ${what}. The file is damaged, or of a kind that cannot be planned: fetch it again, or name another.`,
    );
  const shards = header.countOf("split.count") ?? 1;
  if (shards > 1) {
    throw new Failure(
      "lock/sharded",
      `${source} is one of ${shards} parts. Merge them into one file with llama-gguf-split --merge.`,
    );
  }
  const architecture = header.valueOf("general.architecture");
  if (typeof architecture !== "string" || !/^[\w-]{1,64}$/.test(architecture))
    throw wrong("general.architecture is missing");
  const space = spaceOf(header, size);
  if ("wrong" in space) throw wrong(space.wrong);
  return header.valueOf("general.type") === "adapter"
    ? { kind: "adapter", architecture, tensorBytes: space.bytes }
    : modelFacts(header, architecture, space.bytes, wrong);
}

type Wrong = (what: string) => Failure;

function modelFacts(
  header: Header,
  architecture: string,
  tensorBytes: number,
  wrong: Wrong,
): ModelFacts {
  const count = (key: string) => header.countOf(`${architecture}.${key}`);
  const needed = <T>(key: string, value: T | undefined): T => {
    if (value === undefined) throw wrong(`${architecture}.${key} is missing or out of range`);
    return value;
  };
  const layers = needed("block_count", count("block_count"));
  if (layers > MAX_LAYERS) throw wrong(`it claims ${layers} layers`);
  const ofLayers = (key: string) =>
    perLayer(header.valueOf(`${architecture}.attention.${key}`), layers);
  const embedding = needed("embedding_length", count("embedding_length"));
  const allHeads = needed("attention.head_count", ofLayers("head_count"));
  const heads = typeof allHeads === "number" ? allHeads : Math.max(...allHeads);
  if (heads === 0) throw wrong("it has no attention heads");
  const hasKvHeads = header.valueOf(`${architecture}.attention.head_count_kv`) !== undefined;
  const tokens = header.valueOf("tokenizer.ggml.tokens");
  const known = Array.isArray(tokens) ? asCount(tokens.length) : undefined;
  const sliding = slidingOf(header, architecture, layers);
  const kvHeads = attending(
    header,
    architecture,
    layers,
    hasKvHeads ? needed("attention.head_count_kv", ofLayers("head_count_kv")) : allHeads,
  );
  const state = stateOf(header, architecture, layers, kvHeads);
  return {
    kind: "model",
    architecture,
    layers,
    embedding,
    vocabulary: needed("vocab_size", count("vocab_size") ?? known),
    contextLength: needed("context_length", count("context_length")),
    heads,
    kvHeads,
    keyLength: count("attention.key_length") ?? Math.ceil(embedding / heads),
    valueLength: count("attention.value_length") ?? Math.ceil(embedding / heads),
    ...(sliding !== undefined && { sliding }),
    ...(state > 0 && { state }),
    ...widthOf(header, architecture),
    tensorBytes,
    ...embeddingsIn(header.tensors, tensorBytes),
  };
}

/** One number for all layers, or one for each, where 0 says that a layer keeps no keys and values. */
function perLayer(value: unknown, layers: number): number | readonly number[] | undefined {
  if (!Array.isArray(value)) return asCount(value);
  const each = value.flatMap((heads: unknown) =>
    Number(heads) === 0 ? 0 : (asCount(heads) ?? []),
  );
  return value.length === layers && each.length === layers ? each : undefined;
}
