import type { Header } from "./header.ts";

/** Recurrent layers keep 32-bit floats. Bytes. */
const FLOAT = 4;
/** Of every so many layers the last attends to everything, where a header of these architectures does not say it. Kept in step with llama.cpp. */
const fullEvery: ReadonlyMap<string, number> = new Map([
  ["qwen35", 4],
  ["qwen35moe", 4],
  ["qwen3next", 4],
]);
/** Where a layer without keys and values may also be one that only feeds forward. */
const forwardAlone: ReadonlySet<string> = new Set(["nemotron_h", "nemotron_h_moe"]);

/** A recurrent layer computes in so many rows for each row of a plain one; a gated delta net in chunks, with more. Measured. */
const ROWS = { plain: 3, delta: 11 } as const;

/** How wide a plain layer would be that computes in as much as a recurrent one; 0 when there is none. */
export function recurrentWidth(header: Header, architecture: string): number {
  const inner = header.countOf(`${architecture}.ssm.inner_size`) ?? 0;
  return inner * (fullEvery.has(architecture) ? ROWS.delta : ROWS.plain);
}

/** Key-value heads of layers of which some remember a state in place of keys and values. */
export function attending(
  header: Header,
  architecture: string,
  layers: number,
  kvHeads: number | readonly number[],
): number | readonly number[] {
  const every =
    header.countOf(`${architecture}.full_attention_interval`) ?? fullEvery.get(architecture);
  if (every === undefined || typeof kvHeads !== "number") return kvHeads;
  return Array.from({ length: layers }, (_, layer) => ((layer + 1) % every === 0 ? kvHeads : 0));
}

/** Bytes of what the recurrent layers remember of one request, however long it is; 0 when there are none. */
export function stateOf(
  header: Header,
  architecture: string,
  layers: number,
  kvHeads: number | readonly number[],
): number {
  const floats = floatsOf((key) => header.countOf(`${architecture}.${key}`));
  if (floats === 0) return 0;
  const forward = header.valueOf(`${architecture}.feed_forward_length`);
  const feeds = (layer: number): boolean =>
    forwardAlone.has(architecture) && Array.isArray(forward) && Number(forward[layer]) > 0;
  // Where a number for all layers says nothing of one, each may be both.
  const recurrent = Array.from({ length: layers }, (_, layer) => layer).filter(
    (layer) => typeof kvHeads === "number" || (kvHeads[layer] === 0 && !feeds(layer)),
  );
  return recurrent.length * floats * FLOAT;
}

/** Of one layer: the last inputs of its convolution, and its state. */
function floatsOf(count: (key: string) => number | undefined): number {
  const embedding = count("embedding_length") ?? 0;
  const short = count("shortconv.l_cache");
  if (short !== undefined) return embedding * (short - 1);
  const head = count("wkv.head_size");
  if (head !== undefined) return embedding * ((count("token_shift_count") ?? 2) + head);
  const inner = count("ssm.inner_size") ?? 0;
  const state = count("ssm.state_size") ?? 0;
  const groups = count("ssm.group_count") ?? 0;
  return ((count("ssm.conv_kernel") ?? 1) - 1) * (inner + 2 * groups * state) + inner * state;
}
