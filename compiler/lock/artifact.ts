import type { Digest, Processor } from "@millwright/schema";

/** What planning needs to know of a GGUF model. Counts of tokens, layers, heads; bytes. */
export interface ModelFacts {
  readonly kind: "model";
  readonly architecture: string;
  readonly layers: number;
  readonly embedding: number;
  readonly vocabulary: number;
  /** Tokens that the model was trained to see. */
  readonly contextLength: number;
  readonly heads: number;
  /** Key-value heads of each layer, or one number for all. */
  readonly kvHeads: number | readonly number[];
  readonly keyLength: number;
  readonly valueLength: number;
  /** Absent when attention is full in every layer, and when nothing says in which it is not. */
  readonly sliding?: SlidingAttention;
  /** Bytes that layers without keys and values remember of one request, however long it is; absent when there are none. */
  readonly state?: number;
  /** Elements that one token widens to between two layers, in all experts that it is given to; absent when the file does not say. */
  readonly feedForward?: number;
  /** Experts that one token is given to; absent when there are none. */
  readonly experts?: number;
  /** Bytes of all tensors. */
  readonly tensorBytes: number;
  /** Bytes of the token embeddings, which stay in main memory when the layers are on a GPU, unless the output uses them too. */
  readonly embeddingBytes: number;
  readonly tiedOutput: boolean;
}

/** Layers that see only the last tokens, and so need to remember no more. */
export interface SlidingAttention {
  /** Tokens. */
  readonly window: number;
  /** Indices of the layers. */
  readonly layers: readonly number[];
}

/** What planning needs to know of a GGUF LoRA adapter. */
export interface AdapterFacts {
  readonly kind: "adapter";
  /** That of the model which it corrects. */
  readonly architecture: string;
  readonly tensorBytes: number;
}

/** What the archive of an agent says of itself. */
export interface AgentFacts {
  readonly kind: "agent";
  readonly version: string;
  readonly processor: Processor;
}

export type Facts = ModelFacts | AdapterFacts | AgentFacts;

export interface LockedArtifact {
  readonly digest: Digest;
  /** Bytes of the file. */
  readonly size: number;
  readonly facts: Facts;
}

/** By source, as the definitions write it. */
export interface Lock {
  readonly artifacts: ReadonlyMap<string, LockedArtifact>;
  /** SHA-256 of the file, 64 hex digits: goes into the revision. */
  readonly sha256: string;
}
