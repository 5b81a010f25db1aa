import { stat } from "node:fs/promises";
import { Failure, messageOf } from "../life/life.ts";

/**
 * Looks at a model's header before an engine does: a hostile one (strings of gigabytes, no heads) can abort the
 * engine's process without a word. Throws Failure `runner/bad-model`.
 */
export async function demandReadable(path: string): Promise<void> {
  let metadata: Readonly<Record<string, unknown>>;
  let headerBytes: bigint;
  // Half a megabyte of source, which a host without models never needs.
  const { gguf } = await import("@huggingface/gguf");
  try {
    const header = await gguf(path, { allowLocalFile: true });
    metadata = header.metadata as unknown as Readonly<Record<string, unknown>>;
    headerBytes = header.tensorDataOffset;
  } catch (cause) {
    throw new Failure(
      "runner/bad-model",
      `The file is no GGUF model that can be read: ${messageOf(cause)}`,
      { cause },
    );
  }
  // The reader takes what lies beyond the end for zeros.
  if (headerBytes > (await stat(path)).size)
    throw new Failure("runner/bad-model", "The model's file ends within its own header.");
  const architecture = metadata["general.architecture"];
  if (typeof architecture !== "string")
    throw new Failure("runner/bad-model", "The model's header names no architecture.");
  if (metadata["general.type"] === "adapter") return;
  for (const key of ["block_count", "embedding_length", "attention.head_count"]) {
    const value = metadata[`${architecture}.${key}`];
    if (value !== undefined && !(Number(value) > 0) && !Array.isArray(value)) {
      throw new Failure(
        "runner/bad-model",
        `The model's header says ${architecture}.${key} is ${String(value)}.`,
      );
    }
  }
}
