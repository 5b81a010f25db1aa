import type { Message } from "@millwright/schema";
import type { Chance } from "../life/life.ts";
import {
  type Engine,
  EngineError,
  type GenerateEvent,
  type TokenLogprob,
  type ToolCallPiece,
  type Usage,
} from "../runner/runner.ts";
import { callPart, type Task } from "./task.ts";

/** A piece of an answer: of the choice with that index. */
export type Piece = { readonly index: number } & (
  | Extract<GenerateEvent, { kind: "text" }>
  | CallPiece
  | (Omit<Extract<GenerateEvent, { kind: "done" }>, "finishReason"> & {
      readonly finishReason: FinishReason;
    })
);

/** The first piece of a call has its id and name. */
export type CallPiece = Omit<ToolCallPiece, "callId"> & {
  readonly index: number;
  readonly id?: string;
};

export type FinishReason = "stop" | "length" | "tool_calls";

/** The engine's answers to a task, one after the other. `id`: of the request, a UUID. Throws EngineError. */
export async function* piecesOf(
  engine: Engine,
  { requests, n }: Task,
  id: string,
  chance: Chance,
  signal: AbortSignal,
): AsyncGenerator<Piece, undefined> {
  for (const [index, request] of requests.entries()) {
    let done = false;
    let calls = 0;
    const sown =
      n > 1 && request.seed === undefined ? { ...request, seed: seedOf(chance) } : request;
    for await (const event of engine.generate(sown, signal)) {
      if (event.kind === "tool-call") {
        const { callId: _, ...piece } = event;
        if (piece.name !== undefined) calls += 1;
        if (piece.call >= calls)
          throw new EngineError("engine-failed", "The engine wrote arguments of no function.");
        const begun = piece.name === undefined ? {} : { id: callIdOf(id, index, piece.call) };
        yield { ...piece, ...begun, index };
      } else if (event.kind === "done") {
        done = true;
        const called = calls > 0 && event.finishReason === "stop";
        const finishReason = called ? "tool_calls" : event.finishReason;
        // A prompt counts once, however many answers it gets.
        const usage = index % n === 0 ? event.usage : { ...event.usage, inputTokens: 0 };
        yield { ...event, finishReason, usage, index };
      } else {
        yield { ...event, index };
      }
    }
    if (!done) throw new EngineError("engine-failed", "The model stopped without saying why.");
  }
  return undefined;
}

function seedOf(chance: Chance): number {
  return Math.floor(chance.fraction() * 2 ** 32);
}

/** Ids that an engine gives are not relied on: a second call of the same id would get the answer of the first. */
function callIdOf(id: string, choice: number, call: number): string {
  return `call_${id.replaceAll("-", "").slice(-20)}_${choice}_${call}`;
}

export interface Choice {
  readonly text: string;
  /** Of its tokens, where that was asked for. */
  readonly logprobs?: readonly TokenLogprob[];
  readonly calls: readonly Call[];
  readonly finishReason: FinishReason;
}

export interface Call {
  readonly id: string;
  readonly name: string;
  /** JSON as the model wrote it. */
  readonly arguments: string;
}

interface Growing {
  text: string;
  logprobs?: TokenLogprob[];
  readonly calls: Call[];
  finishReason: FinishReason;
}

/** What was said so far. */
export class Transcript {
  readonly #choices: Growing[] = [];
  #usage: Usage = { inputTokens: 0, outputTokens: 0 };
  #firstAt: number | undefined;
  #confidence: number | undefined;

  take(piece: Piece, now: number): void {
    this.#firstAt ??= now;
    this.#choices[piece.index] ??= { text: "", calls: [], finishReason: "stop" };
    const choice = this.#choices[piece.index];
    if (choice === undefined) throw new Error("impossible: it was just put there");
    if (piece.kind === "text") {
      choice.text += piece.text;
      if (piece.logprobs !== undefined) {
        choice.logprobs ??= [];
        choice.logprobs.push(...piece.logprobs);
      }
      return;
    }
    if (piece.kind === "tool-call") {
      const {
        id = "",
        name = "",
        arguments: before,
      } = choice.calls[piece.call] ?? {
        ...piece,
        arguments: "",
      };
      choice.calls[piece.call] = { id, name, arguments: before + piece.arguments };
      return;
    }
    choice.finishReason = piece.finishReason;
    const { inputTokens, cachedTokens, outputTokens } = piece.usage;
    const cached =
      cachedTokens === undefined ? undefined : (this.#usage.cachedTokens ?? 0) + cachedTokens;
    const { confidence } = piece;
    if (confidence !== undefined)
      this.#confidence = Math.min(this.#confidence ?? confidence, confidence);
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

  /** How sure the model is of the answer of which it is least sure; `undefined` where it does not say. */
  get confidence(): number | undefined {
    return this.#confidence;
  }

  /** When the first piece came, in milliseconds since the Unix epoch. */
  get firstAt(): number | undefined {
    return this.#firstAt;
  }

  /** In the form in which feedback keeps it. */
  get output(): Message[] {
    return this.#choices.map(({ text, calls, finishReason }) => ({
      role: "assistant",
      parts: [
        ...(text === "" && calls.length > 0 ? [] : [{ type: "text" as const, content: text }]),
        ...calls.map(({ id, name, arguments: written }) => callPart(id, name, written)),
      ],
      finish_reason: finishReason,
    }));
  }
}
