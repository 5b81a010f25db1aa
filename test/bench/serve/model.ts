/**
 * A model of 100 M parameters that nobody trained: a Llama of 12 layers, 768 wide, with a byte-level BPE of its own and a
 * ChatML template. Its answers mean nothing, and cost what an answer of such a model costs. The same bytes for the same seed.
 */
import { createHash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, open, readFile, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { type Digest, parseDigest } from "@millwright/schema";
import { type GgufTensor, ggufHeader } from "../../compiler/gguf-kit.ts";
import { randomFrom } from "../../random.ts";
import { vocabulary } from "./vocabulary.ts";

const VOCABULARY = 16_384;
const WIDE = 768;
const FORWARD = 2_048;
const LAYERS = 12;
const HEADS = 12;
const KEY_HEADS = 4;
const KEYS = (WIDE / HEADS) * KEY_HEADS;

/** Numbers of ggml types. */
const [F32, F16] = [0, 1];

export interface BenchModel {
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
  readonly parameters: number;
}

/** Kept in the temporary folder for the next run. */
export async function benchModel(seed: number): Promise<BenchModel> {
  const folder = join(tmpdir(), "millwright-bench-models");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `llama-100m-${seed}.gguf`);
  if (!existsSync(path)) {
    await write(`${path}.partial`, seed);
    await rename(`${path}.partial`, path);
  }
  const digestFile = `${path}.sha256`;
  if (!existsSync(digestFile)) await writeFile(digestFile, await digestOfFile(path));
  const digest = parseDigest(await readFile(digestFile, "utf8"));
  if (digest === undefined) throw new Error(`${digestFile} holds no digest`);
  await using file = await open(path);
  const parameters = tensors.reduce((sum, { shape }) => sum + product(shape), 0);
  return { path, digest, size: (await file.stat()).size, parameters };
}

interface Tensor extends GgufTensor {
  /** Its values are between this and its negative; absent: all are 1. */
  readonly spread?: number;
}

const tensors: readonly Tensor[] = [
  matrix("token_embd", WIDE, VOCABULARY, 1),
  ...Array.from({ length: LAYERS }, (_, layer) => layerOf(`blk.${layer}`)).flat(),
  norm("output_norm"),
  matrix("output", WIDE, VOCABULARY, 0.1),
];

function layerOf(name: string): readonly Tensor[] {
  return [
    norm(`${name}.attn_norm`),
    matrix(`${name}.attn_q`, WIDE, WIDE),
    matrix(`${name}.attn_k`, WIDE, KEYS),
    matrix(`${name}.attn_v`, WIDE, KEYS),
    matrix(`${name}.attn_output`, WIDE, WIDE),
    norm(`${name}.ffn_norm`),
    matrix(`${name}.ffn_gate`, WIDE, FORWARD),
    matrix(`${name}.ffn_up`, WIDE, FORWARD),
    matrix(`${name}.ffn_down`, FORWARD, WIDE),
  ];
}

/** `spread`: what keeps the variance of what goes through, when absent. */
function matrix(name: string, inputs: number, outputs: number, spread?: number): Tensor {
  const shape = [inputs, outputs];
  const bytes = 2 * inputs * outputs;
  const scale = spread ?? Math.sqrt(3 / inputs);
  return { name: `${name}.weight`, shape, type: F16, bytes, spread: scale };
}

function norm(name: string): Tensor {
  return { name: `${name}.weight`, shape: [WIDE], type: F32, bytes: 4 * WIDE };
}

async function write(path: string, seed: number): Promise<void> {
  const { tokens, types, merges, end } = vocabulary(VOCABULARY);
  const { header } = ggufHeader(
    {
      "general.architecture": "llama",
      "general.name": "bench-100m",
      "general.file_type": 1,
      "llama.block_count": LAYERS,
      "llama.context_length": 8_192,
      "llama.embedding_length": WIDE,
      "llama.feed_forward_length": FORWARD,
      "llama.attention.head_count": HEADS,
      "llama.attention.head_count_kv": KEY_HEADS,
      "llama.attention.layer_norm_rms_epsilon": 1e-5,
      "llama.rope.dimension_count": WIDE / HEADS,
      "llama.vocab_size": VOCABULARY,
      "tokenizer.ggml.model": "gpt2",
      "tokenizer.ggml.pre": "gpt-2",
      "tokenizer.ggml.tokens": tokens,
      "tokenizer.ggml.token_type": Int32Array.from(types),
      "tokenizer.ggml.merges": merges,
      "tokenizer.ggml.bos_token_id": end,
      "tokenizer.ggml.eos_token_id": end,
      "tokenizer.ggml.add_bos_token": false,
      "tokenizer.chat_template":
        "{% for m in messages %}<|im_start|>{{m['role']}}\n{{m['content']}}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    },
    tensors,
  );
  const out = createWriteStream(path);
  out.write(header);
  const random = randomFrom(seed);
  for (const tensor of tensors) {
    const bytes = dataOf(tensor, random.between(1, 2 ** 31), end);
    // The header's offsets count on it: every tensor here ends on a multiple of 32.
    if (bytes.length % 32 !== 0) throw new Error(`${tensor.name} would need padding`);
    if (!out.write(bytes)) await new Promise((resolve) => out.once("drain", resolve));
  }
  out.end();
  await finished(out);
}

function dataOf({ name, shape, spread }: Tensor, seed: number, end: number): Buffer {
  const count = product(shape);
  if (spread === undefined) return Buffer.from(new Float32Array(count).fill(1).buffer);
  const values = Uint16Array.from({ length: 4_096 }, (_, at) =>
    halfOf(((at + 0.5) / 2_048 - 1) * spread),
  );
  const data = new Uint16Array(count);
  // xorshift32, by G. Marsaglia: a hundred million numbers in a second.
  let state = seed | 1;
  for (let at = 0; at < count; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[at] = values[state & 4_095] ?? 0;
  }
  // No answer ends by itself: what ends one has the value 0, and among thousands another has more.
  if (name === "output.weight") data.fill(0, end * WIDE, (end + 2) * WIDE);
  return Buffer.from(data.buffer);
}

/** IEEE 754 binary16 of a number between -2 and 2. */
function halfOf(value: number): number {
  const bits = new Uint16Array(new Float16Array([value]).buffer)[0];
  return bits ?? 0;
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await using file = await open(path);
  for await (const chunk of file.createReadStream({ autoClose: false })) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}
