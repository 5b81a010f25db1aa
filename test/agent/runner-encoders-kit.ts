/**
 * Tiny encoders, written by hand: one BERT layer whose attention sees all tokens alike, so that its first token holds
 * the mean of the words. The ranking one scores what is said of parcels; the embedding one pools the mean.
 */
import { ggufHeader } from "../compiler/gguf-kit.ts";
import { fileWith } from "./runner-models-kit.ts";

const words = [
  ..."[PAD] [UNK] [CLS] [SEP] . , ?".split(" "),
  ..."▁parcel ▁late ▁where ▁is ▁my ▁invoice ▁paid ▁twice ▁the ▁weather ▁fine ▁a".split(" "),
];
/** One dimension for each word, rounded up to what the engine's kernels like. */
const WIDTH = 32;
const CONTEXT = 128;

/** What a document is about, in the weights of the ranking model. */
const about: Readonly<Record<string, number>> = { "▁parcel": 6, "▁late": 4, "▁weather": -6 };

type Fill = (row: number, column: number) => number;

const zero: Fill = () => 0;
const one: Fill = () => 1;
const identity: Fill = (row, column) => (row === column ? 1 : 0);

export function rankingModel(): Promise<string> {
  const weigh: Fill = (_, column) => about[words[column] ?? ""] ?? 0;
  return encoder(4, [["cls.output.weight", [WIDTH, 1], weigh]]);
}

export function embeddingModel(): Promise<string> {
  return encoder(1, []);
}

function encoder(
  pooling: number,
  head: readonly (readonly [string, readonly number[], Fill])[],
): Promise<string> {
  const square = [WIDTH, WIDTH];
  const tensors: readonly (readonly [string, readonly number[], Fill])[] = [
    ["token_embd.weight", [WIDTH, words.length], identity],
    ["token_types.weight", [WIDTH, 2], zero],
    ["position_embd.weight", [WIDTH, CONTEXT], zero],
    ["token_embd_norm.weight", [WIDTH], one],
    ["token_embd_norm.bias", [WIDTH], zero],
    // No question and no key: every token is looked at alike, and gives itself.
    ...["attn_q", "attn_k"].flatMap((name) => [
      [`blk.0.${name}.weight`, square, zero] as const,
      [`blk.0.${name}.bias`, [WIDTH], zero] as const,
    ]),
    ...["attn_v", "attn_output"].flatMap((name) => [
      [`blk.0.${name}.weight`, square, identity] as const,
      [`blk.0.${name}.bias`, [WIDTH], zero] as const,
    ]),
    ["blk.0.attn_output_norm.weight", [WIDTH], one],
    ["blk.0.attn_output_norm.bias", [WIDTH], zero],
    ...["ffn_up", "ffn_down"].flatMap((name) => [
      [`blk.0.${name}.weight`, square, zero] as const,
      [`blk.0.${name}.bias`, [WIDTH], zero] as const,
    ]),
    ["blk.0.layer_output_norm.weight", [WIDTH], one],
    ["blk.0.layer_output_norm.bias", [WIDTH], zero],
    ...head,
  ];
  const { header } = ggufHeader(
    {
      "general.architecture": "bert",
      "bert.block_count": 1,
      "bert.context_length": CONTEXT,
      "bert.embedding_length": WIDTH,
      "bert.feed_forward_length": WIDTH,
      "bert.attention.head_count": 1,
      "bert.attention.layer_norm_epsilon": 1e-12,
      "bert.attention.causal": false,
      "bert.pooling_type": pooling,
      "tokenizer.ggml.model": "bert",
      "tokenizer.ggml.token_type_count": 2,
      "tokenizer.ggml.tokens": words,
      "tokenizer.ggml.padding_token_id": 0,
      "tokenizer.ggml.unknown_token_id": 1,
      "tokenizer.ggml.cls_token_id": 2,
      "tokenizer.ggml.bos_token_id": 2,
      "tokenizer.ggml.seperator_token_id": 3,
    },
    tensors.map(([name, shape]) => ({ name, shape })),
  );
  const data = tensors.map(([, [width = 1, height = 1], fill]) => {
    const bytes = Buffer.alloc(width * height * 4);
    for (let row = 0; row < height; row += 1)
      for (let column = 0; column < width; column += 1)
        bytes.writeFloatLE(fill(row, column), (row * width + column) * 4);
    return bytes;
  });
  return fileWith(Buffer.concat([header, ...data]));
}
