import type { PredicateVariable } from "@millwright/schema";

/** What is known of a task before anybody answers it, each variable of a predicate: no word of its text. */
export interface Facts extends Readonly<Record<PredicateVariable, string | number | boolean>> {
  /** What the caller names as its task (`metadata.task`), else the name asked for. */
  readonly task: string;
  readonly operation: string;
  /** Of the prompt, estimated. */
  readonly tokens: number;
  readonly messages: number;
  readonly tools: boolean;
  /** Whether the answer is held to a schema. */
  readonly schema: boolean;
  readonly stream: boolean;
  /** ISO 639-1; empty where it cannot be told, and where no rule asks for it. */
  readonly language: string;
  /** Factory and name of the key; empty for all who came without one. */
  readonly caller: string;
  readonly priority: "high" | "normal" | "low";
}

/** A message's role and what is around it, in every chat template more or less. */
const PER_MESSAGE = 4;

/**
 * How many tokens texts are, without asking a model: a quarter of their bytes in UTF-8. Right within a third or so for
 * prose in most languages; code has more. A rule about size is about orders of size.
 */
export function estimatedTokens(texts: readonly string[]): number {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return Math.ceil(bytes / 4) + PER_MESSAGE * texts.length;
}
