import type {
  LlamaContextSequence,
  LlamaGrammarEvaluationState,
  LlamaModel,
  Token,
} from "node-llama-cpp";
import { EngineError, type GenerateEvent, type GenerateRequest } from "../engine.ts";
import type { ChatFormat } from "./chat.ts";
import { END_OF_JSON, type Grammars } from "./grammar.ts";
import { purposeOf } from "./purpose.ts";
import { type Sequences, sharedLength } from "./sequences.ts";
import { stopFilter } from "./stop-strings.ts";
import { textTokens, tooLong } from "./text-tokens.ts";

/** Tokens of a prompt that are read before the signal is looked at again: a cancel waits no longer than one such step. */
const STEP = 256;
/** A character has at most four bytes: more tokens than this without one is no broken character. */
const UNFINISHED = 8;

export interface Generator {
  readonly model: LlamaModel;
  readonly sequences: Sequences;
  readonly format: ChatFormat;
  readonly grammars: Grammars;
  /** Tokens of one sequence. */
  readonly context: number;
}

/** Answers one request. Throws EngineError. */
export async function* generate(
  { model, sequences, format, grammars, context }: Generator,
  request: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerateEvent, void> {
  if (purposeOf(model).encoder)
    throw new EngineError(
      "unsupported",
      "This model reads and does not write. Ask it for embeddings or rankings.",
    );
  const tokens = tokensOf({ model, format, context }, request);
  const room = context - tokens.length;
  if (room < 1) throw tooLong(`${tokens.length} tokens`, context);
  const most = Math.min(request.maxTokens ?? room, room);
  const grammar = request.schema && (await grammars(request.schema));
  const sequence = await sequences.take(tokens, signal);
  try {
    const last = await readPrompt(sequence, tokens, signal);
    const writing = { model, sequence, last, most, inputTokens: tokens.length };
    yield* write({ ...writing, ...(grammar && { grammar }) }, request, signal);
  } catch (error) {
    // After a failed evaluation nobody knows what the sequence holds.
    if (!signal.aborted) await sequence.clearHistory();
    throw error;
  } finally {
    sequences.give(sequence);
  }
}

function tokensOf(
  { model, format, context }: Pick<Generator, "model" | "format" | "context">,
  { prompt }: GenerateRequest,
): Token[] {
  if (prompt.kind === "chat") return format(prompt.messages);
  const { bos, shouldPrependBosToken } = model.tokens;
  const tokens = textTokens(model, prompt.text, context, "start");
  const begun = shouldPrependBosToken && bos !== null ? [bos, ...tokens] : tokens;
  if (begun.length === 0) throw new EngineError("unsupported", "The prompt is empty.");
  return begun;
}

/** Reads all of the prompt but its last token, which begins the answer. What the sequence holds already is kept. */
async function readPrompt(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  signal: AbortSignal,
): Promise<Token> {
  const held = sequence.contextTokens;
  const shared = Math.min(sharedLength(held, tokens), tokens.length - 1);
  if (shared < held.length)
    await sequence.eraseContextTokenRanges([{ start: shared, end: held.length }]);
  // The sequence may have had to forget more than was asked (models with recurrent state).
  let at = Math.min(shared, sequence.nextTokenIndex);
  for (; at < tokens.length - 1; at += STEP) {
    signal.throwIfAborted();
    await sequence.evaluateWithoutGeneratingNewTokens(
      tokens.slice(at, Math.min(at + STEP, tokens.length - 1)),
    );
  }
  signal.throwIfAborted();
  return tokens[tokens.length - 1] as Token;
}

interface Writing {
  readonly model: LlamaModel;
  readonly sequence: LlamaContextSequence;
  readonly last: Token;
  readonly most: number;
  readonly inputTokens: number;
  readonly grammar?: LlamaGrammarEvaluationState;
}

async function* write(
  { model, sequence, last, most, inputTokens, grammar }: Writing,
  request: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerateEvent, void> {
  const ends = grammar === undefined ? [] : [END_OF_JSON];
  const filter = stopFilter([...(request.stop ?? []), ...ends]);
  const written: Token[] = [];
  let pending: Token[] = [];
  let outputTokens = 0;
  let finishReason: "stop" | "length" = "stop";
  let stopped = false;
  const done = (): GenerateEvent => ({
    kind: "done",
    finishReason,
    usage: { inputTokens, outputTokens },
  });
  if (most <= 0) {
    finishReason = "length";
    yield done();
    return;
  }
  for await (const token of sequence.evaluate([last], {
    ...samplingOf(request),
    ...(grammar && { grammarEvaluationState: grammar }),
  })) {
    signal.throwIfAborted();
    outputTokens += 1;
    pending.push(token);
    const text = model.detokenize(pending, false, written);
    const broken = text.endsWith("\uFFFD") && pending.length < UNFINISHED;
    if (!broken) {
      written.push(...pending);
      pending = [];
      const said = filter.push(text);
      if (said.text !== "") yield { kind: "text", text: said.text };
      stopped = said.stopped;
      if (stopped) break;
    }
    if (outputTokens >= most) {
      finishReason = "length";
      break;
    }
  }
  if (!stopped) {
    const left = filter.push(pending.length > 0 ? model.detokenize(pending, false, written) : "");
    const rest = left.text + (left.stopped ? "" : filter.rest());
    if (left.stopped) finishReason = "stop";
    if (rest !== "") yield { kind: "text", text: rest };
  }
  yield done();
}

function samplingOf({ temperature, topP, topK, minP, seed }: GenerateRequest) {
  return {
    temperature: temperature ?? 0,
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(minP !== undefined && { minP }),
    ...(seed !== undefined && { seed }),
  };
}
