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
  /** Of so many layers only the last keeps them, and the header does not say so layer by layer. */
  readonly fullEvery?: number;
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
  /** What is budgeted to compute in, against what it takes; [0.99, 1.15] when absent. */
  readonly within?: readonly [number, number];
  /** Names of norms that differ from those of most architectures. */
  readonly names?: { readonly output?: string; readonly forward?: string };
  /** Rows of queries have a gate beside them. */
  readonly gated?: true;
  /** Tensors of each layer beside the usual ones. */
  readonly beside?: readonly GgufTensor[];
  /** Tensors of a layer that keeps no keys and values, in place of its attention. */
  readonly recurrent?: readonly GgufTensor[];
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
      tensor(shape.names?.output ?? "output_norm.weight", [embedding], "f32"),
      ...(shape.tied ? [] : [tensor("output.weight", [embedding, vocabulary], "q6K")]),
      ...Array.from({ length: layers }, (_, layer) => layerOf(shape, layer)).flat(),
    ],
  );
}

function layerOf(shape: Shape, layer: number): readonly GgufTensor[] {
  const { embedding, heads, kvHeads, experts, recurrent } = shape;
  const headSize = shape.headSize ?? embedding / heads;
  const queries = heads * headSize;
  const { fullEvery = 1 } = shape;
  const here = typeof kvHeads === "number" ? kvHeads : (kvHeads[layer] ?? 0);
  const own = (layer + 1) % fullEvery === 0 ? here : 0;
  const keys = own * headSize;
  const vector = (name: string, size: number) => tensor(name, [size], "f32");
  const attention =
    own === 0
      ? (recurrent ?? [])
      : [
          tensor("attn_q.weight", [embedding, shape.gated ? 2 * queries : queries]),
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
    vector(shape.names?.forward ?? "ffn_norm.weight", embedding),
    ...forward,
    ...(shape.beside ?? []),
    ...(shape.postNorms
      ? [vector("post_attention_norm.weight", embedding), vector("post_ffw_norm.weight", embedding)]
      : []),
  ].map((one) => ({ ...one, name: `blk.${layer}.${one.name}` }));
}
