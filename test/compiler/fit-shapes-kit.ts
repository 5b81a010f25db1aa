/** Headers of models as they are published, tensor by tensor; their weights are left out. */
import { type GgufTensor, type GgufValue, ggufHeader } from "./gguf-kit.ts";

export interface Shape {
  readonly architecture: string;
  readonly layers: number;
  readonly embedding: number;
  readonly vocabulary: number;
  readonly feedForward: number;
  readonly heads: number;
  readonly kvHeads: number | readonly number[];
  /** Elements of a head; embedding / heads when absent. */
  readonly headSize?: number;
  readonly experts?: {
    readonly count: number;
    readonly used: number;
    readonly feedForward: number;
  };
  /** The output is made of the embeddings. */
  readonly tied?: true;
  readonly biases?: true;
  readonly headNorms?: true;
  readonly postNorms?: true;
  /** Keys that only this architecture has, without its name. */
  readonly keys?: Readonly<Record<string, GgufValue>>;
  /** Tensors beside those of the layers. */
  readonly extra?: readonly GgufTensor[];
  /** Tensors of a layer that keeps no keys and values, in place of its attention. */
  readonly recurrent?: (layer: number) => readonly GgufTensor[];
}

/** Number of a ggml type, and the bytes of so many elements. */
const types = {
  f32: { type: 0, elements: 1, bytes: 4 },
  q4K: { type: 12, elements: 256, bytes: 144 },
  q6K: { type: 14, elements: 256, bytes: 210 },
  q4_0: { type: 2, elements: 32, bytes: 18 },
} as const;

export function tensor(
  name: string,
  shape: readonly number[],
  kind: keyof typeof types = "q4K",
): GgufTensor {
  // A row that does not fill blocks of 256 is packed into smaller ones.
  const fits = (shape[0] ?? 0) % types[kind].elements === 0;
  const { type, elements, bytes } = types[fits ? kind : "q4_0"];
  const all = shape.reduce((product, size) => product * size, 1);
  return { name, shape, type, bytes: (all / elements) * bytes };
}

export function headerOf(shape: Shape): { readonly header: Buffer; readonly size: number } {
  const { architecture, layers, embedding, vocabulary, heads, kvHeads, experts } = shape;
  const headSize = shape.headSize ?? embedding / heads;
  const own = {
    block_count: layers,
    context_length: 131_072,
    embedding_length: embedding,
    feed_forward_length: shape.feedForward,
    vocab_size: vocabulary,
    "attention.head_count": heads,
    "attention.head_count_kv": kvHeads,
    "attention.key_length": headSize,
    "attention.value_length": headSize,
    "attention.layer_norm_rms_epsilon": 1e-5,
    "rope.dimension_count": headSize,
    ...(experts !== undefined && {
      expert_count: experts.count,
      expert_used_count: experts.used,
      expert_feed_forward_length: experts.feedForward,
    }),
    ...shape.keys,
  };
  return ggufHeader(
    {
      "general.architecture": architecture,
      ...Object.fromEntries(
        Object.entries(own).map(([key, value]) => [`${architecture}.${key}`, value]),
      ),
      "tokenizer.ggml.model": "no_vocab",
    },
    [
      tensor("token_embd.weight", [embedding, vocabulary]),
      tensor("output_norm.weight", [embedding], "f32"),
      ...(shape.tied ? [] : [tensor("output.weight", [embedding, vocabulary], "q6K")]),
      ...(shape.extra ?? []),
      ...Array.from({ length: layers }, (_, layer) => layerOf(shape, layer)).flat(),
    ],
  );
}

function layerOf(shape: Shape, layer: number): readonly GgufTensor[] {
  const { embedding, heads, kvHeads, experts, recurrent } = shape;
  const headSize = shape.headSize ?? embedding / heads;
  const queries = heads * headSize;
  const own = typeof kvHeads === "number" ? kvHeads : (kvHeads[layer] ?? 0);
  const keys = own * headSize;
  const vector = (name: string, size: number) => tensor(name, [size], "f32");
  const attention =
    own === 0
      ? (recurrent?.(layer) ?? [])
      : [
          tensor("attn_q.weight", [embedding, queries]),
          tensor("attn_k.weight", [embedding, keys]),
          tensor("attn_v.weight", [embedding, keys]),
          tensor("attn_output.weight", [queries, embedding]),
          ...(shape.biases
            ? [
                vector("attn_q.bias", queries),
                vector("attn_k.bias", keys),
                vector("attn_v.bias", keys),
              ]
            : []),
          ...(shape.headNorms
            ? [vector("attn_q_norm.weight", headSize), vector("attn_k_norm.weight", headSize)]
            : []),
        ];
  const forward =
    experts === undefined
      ? [
          tensor("ffn_gate.weight", [embedding, shape.feedForward]),
          tensor("ffn_up.weight", [embedding, shape.feedForward]),
          tensor("ffn_down.weight", [shape.feedForward, embedding]),
        ]
      : [
          tensor("ffn_gate_inp.weight", [embedding, experts.count], "f32"),
          tensor("ffn_gate_exps.weight", [embedding, experts.feedForward, experts.count]),
          tensor("ffn_up_exps.weight", [embedding, experts.feedForward, experts.count]),
          tensor("ffn_down_exps.weight", [experts.feedForward, embedding, experts.count]),
        ];
  return [
    vector("attn_norm.weight", embedding),
    ...attention,
    vector("ffn_norm.weight", embedding),
    ...forward,
    ...(shape.postNorms
      ? [vector("post_attention_norm.weight", embedding), vector("post_ffw_norm.weight", embedding)]
      : []),
  ].map((one) => ({ ...one, name: `blk.${layer}.${one.name}` }));
}

const llama8b: Shape = {
  architecture: "llama",
  layers: 32,
  embedding: 4096,
  vocabulary: 128_256,
  feedForward: 14_336,
  heads: 32,
  kvHeads: 8,
};

export const shapes: Readonly<Record<string, Shape>> = {
  "dense, with keys and values of every head (Llama 2 7B)": {
    ...llama8b,
    vocabulary: 32_000,
    feedForward: 11_008,
    kvHeads: 32,
  },
  "grouped queries (Llama 3 8B)": llama8b,
  "grouped queries (Llama 3 70B)": {
    ...llama8b,
    layers: 80,
    embedding: 8192,
    feedForward: 28_672,
    heads: 64,
  },
  "tied embeddings (Llama 3 1B)": {
    ...llama8b,
    layers: 16,
    embedding: 2048,
    feedForward: 8192,
    headSize: 64,
    tied: true,
  },
  "tied embeddings and biases (Qwen 2 0.5B)": {
    architecture: "qwen2",
    layers: 24,
    embedding: 896,
    vocabulary: 151_936,
    feedForward: 4864,
    heads: 14,
    kvHeads: 2,
    tied: true,
    biases: true,
  },
  "a window in every other layer (Gemma 2 9B)": {
    architecture: "gemma2",
    layers: 42,
    embedding: 3584,
    vocabulary: 256_000,
    feedForward: 14_336,
    heads: 16,
    kvHeads: 8,
    headSize: 256,
    tied: true,
    postNorms: true,
    keys: { "attention.sliding_window": 4096 },
  },
  "a window in five of six layers (Gemma 3 12B)": {
    architecture: "gemma3",
    layers: 48,
    embedding: 3840,
    vocabulary: 262_208,
    feedForward: 15_360,
    heads: 16,
    kvHeads: 8,
    headSize: 256,
    tied: true,
    postNorms: true,
    headNorms: true,
    keys: { "attention.sliding_window": 1024 },
  },
  "few large experts (Mixtral 8x7B)": {
    ...llama8b,
    vocabulary: 32_000,
    experts: { count: 8, used: 2, feedForward: 14_336 },
  },
  "many small experts (Qwen 3 30B-A3B)": {
    architecture: "qwen3moe",
    layers: 48,
    embedding: 2048,
    vocabulary: 151_936,
    feedForward: 6144,
    heads: 32,
    kvHeads: 4,
    headSize: 128,
    headNorms: true,
    experts: { count: 128, used: 8, feedForward: 768 },
  },
};
