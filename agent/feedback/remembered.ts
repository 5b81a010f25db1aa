import type { Message } from "@millwright/schema";
import type { Interaction } from "../gateway/gateway.ts";

const MAX_COUNT = 2_000;
/** Characters of text: about twice as many bytes. */
const MAX_SIZE = 16 * 1024 ** 2;

interface Entry {
  readonly interaction: Interaction;
  readonly size: number;
  /** Its sample is in the spool, or on its way there. */
  kept: boolean;
}

/**
 * The last interactions, in memory only: not redacted yet. What somebody says of one of them can so be joined to what
 * was asked, even where chance did not keep it.
 */
export class Remembered {
  readonly #entries = new Map<string, Entry>();
  #size = 0;

  add(interaction: Interaction, kept: boolean): void {
    const { input, output } = interaction.body;
    const size = sizeOf(input) + sizeOf(output) + 500;
    this.#entries.set(interaction.id, { interaction, size, kept });
    this.#size += size;
    // A map keeps the order of insertion: the first is the oldest.
    for (const [id, oldest] of this.#entries) {
      if (this.#entries.size <= MAX_COUNT && this.#size <= MAX_SIZE) break;
      this.#entries.delete(id);
      this.#size -= oldest.size;
    }
  }

  find(id: string): Entry | undefined {
    return this.#entries.get(id);
  }
}

function sizeOf(messages: readonly Message[]): number {
  return messages.flatMap(({ parts }) => parts).reduce((sum, part) => sum + 50 + lengthOf(part), 0);
}

function lengthOf(part: Message["parts"][number]): number {
  if ("content" in part) return part.content.length;
  const value = part.type === "tool_call" ? part.arguments : part.response;
  return typeof value === "string" ? value.length : JSON.stringify(value).length;
}
