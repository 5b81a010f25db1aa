/** Facts of models as they are published. */
import { gib } from "@millwright/schema";
import type { ModelFacts } from "../../compiler/lock/lock.ts";
import { smallFacts } from "./definitions-kit.ts";

/** A Llama 3 of 8 billion parameters in Q4_K, with a vocabulary of 128 k. */
export const llama8b: ModelFacts = {
  ...smallFacts,
  layers: 32,
  embedding: 4096,
  vocabulary: 128_256,
  contextLength: 131_072,
  heads: 32,
  kvHeads: 8,
  keyLength: 128,
  valueLength: 128,
  feedForward: 14_336,
  embeddingBytes: (128_256 * 4096 * 144) / 256,
  tensorBytes: Math.round(gib(4.334)) + (128_256 * 4096 * 144) / 256,
};
export const llama70b: ModelFacts = {
  ...llama8b,
  layers: 80,
  embedding: 8192,
  heads: 64,
  feedForward: 28_672,
  embeddingBytes: (128_256 * 8192 * 144) / 256,
  tensorBytes: Math.round(gib(37.217)) + (128_256 * 8192 * 144) / 256,
};
