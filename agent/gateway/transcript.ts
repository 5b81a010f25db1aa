import type { Message } from "@millwright/schema";
import { type Engine, EngineError, type GenerateEvent, type Usage } from "../runner/runner.ts";
import type { Task } from "./task.ts";

/** A piece of an answer: of the choice with that index. */
export type Piece = GenerateEvent & { readonly index: number };

/** The engine's answers to a task, one after the other. Throws EngineError. */
export async function* piecesOf(
  engine: Engine,
  { requests }: Task,
  signal: AbortSignal,
): AsyncGenerator<Piece, undefined> {
  for (const [index, request] of requests.entries()) {
    let done = false;
    for await (const event of engine.generate(request, signal)) {
      done = event.kind === "done";
      yield { ...event, index };
    }
    if (!done) throw new EngineError("engine-failed", "The model stopped without saying why.");
  }
  return undefined;
}

export interface Choice {
  readonly text: string;
  readonly finishReason: "stop" | "length";
}

/** What was said so far. */
export class Transcript {
  readonly #choices: { text: string; finishReason: "stop" | "length" }[] = [];
  #usage: Usage = { inputTokens: 0, outputTokens: 0 };
  #firstAt: number | undefined;

  take(piece: Piece, now: number): void {
    this.#firstAt ??= now;
    this.#choices[piece.index] ??= { text: "", finishReason: "stop" };
    const choice = this.#choices[piece.index];
    if (choice === undefined) throw new Error("impossible: it was just put there");
    if (piece.kind === "text") {
      choice.text += piece.text;
      return;
    }
    choice.finishReason = piece.finishReason;
    const { inputTokens, cachedTokens, outputTokens } = piece.usage;
    const cached =
      cachedTokens === undefined ? undefined : (this.#usage.cachedTokens ?? 0) + cachedTokens;
    this.#usage = {
      inputTokens: this.#usage.inputTokens + inputTokens,
      outputTokens: this.#usage.outputTokens + outputTokens,
      ...(cached !== undefined && { cachedTokens: cached }),
    };
  }

  get choices(): readonly Choice[] {
    return this.#choices;
  }

  get usage(): Usage {
    return this.#usage;
  }

  /** When the first piece came, in milliseconds since the Unix epoch. */
  get firstAt(): number | undefined {
    return this.#firstAt;
  }

  /** In the form in which feedback keeps it. */
  get output(): Message[] {
    return this.#choices.map(({ text, finishReason }) => ({
      role: "assistant",
      parts: [{ type: "text", content: text }],
      finish_reason: finishReason,
    }));
  }
}
