import type { LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
import { EngineError, type GenerateEvent, type GenerateRequest, type Usage } from "../engine.ts";
import { type Answering, answeringOf, type Means } from "./answering.ts";
import type { Batches, Part } from "./batches.ts";
import type { ChatFormat } from "./chat.ts";
import { confidence } from "./confidence.ts";
import { type Drawn, likelihoodsOf } from "./likelihood.ts";
import { purposeOf } from "./purpose.ts";
import { type Sampling, samplingOf } from "./sampling.ts";
import { type Sequences, sharedLength } from "./sequences.ts";
import type { Tally } from "./stats.ts";
import { stopFilter } from "./stop-strings.ts";
import { textTokens, tooLong } from "./text-tokens.ts";

/** A character has at most four bytes: more tokens than this without one is no broken character. */
const UNFINISHED = 8;

export interface Generator extends Means {
  readonly sequences: Sequences;
  readonly batches: Batches;
  readonly tally: Tally;
  readonly format: ChatFormat;
  /** Tokens of one sequence. */
  readonly context: number;
}

/** Answers one request. Throws EngineError. */
export async function* generate(
  generator: Generator,
  request: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerateEvent, void> {
  const { model, sequences, batches, tally, format, context } = generator;
  if (purposeOf(model).encoder)
    throw new EngineError(
      "unsupported",
      "This model reads and does not write. Ask it for embeddings or rankings.",
    );
  const tokens = tokensOf({ model, format, context }, request);
  const room = context - tokens.length;
  if (room < 1) throw tooLong(`${tokens.length} tokens`, context);
  const most = Math.min(request.maxTokens ?? room, room);
  const answering = await answeringOf(generator, request);
  const sampling = samplingOf(model, tokens, context, request);
  const sequence = await sequences.take(tokens, signal);
  tally.active += 1;
  try {
    const cachedTokens = await keepShared(sequence, tokens, batches);
    tally.cachedTokens += cachedTokens;
    using part = batches.join();
    const reading = { sequence, tokens, at: cachedTokens, part, tally };
    const rest = await readPrompt(reading, signal);
    const usage = { inputTokens: tokens.length, cachedTokens };
    const writing = { model, sequence, part, tally, rest, most, usage, answering, sampling };
    yield* write(writing, request, signal);
  } catch (error) {
    // After a failed evaluation nobody knows what the sequence holds.
    if (!signal.aborted) await batches.alone(() => sequence.clearHistory());
    throw error;
  } finally {
    tally.active -= 1;
    sequences.give(sequence);
  }
}

function tokensOf(
  { model, format, context }: Pick<Generator, "model" | "format" | "context">,
  { prompt, tools = [], toolChoice }: GenerateRequest,
): Token[] {
  // Of tools that may not be called the model had better not know.
  if (prompt.kind === "chat") return format(prompt.messages, toolChoice === "none" ? [] : tools);
  const { bos, shouldPrependBosToken } = model.tokens;
  const tokens = textTokens(model, prompt.text, context, "start");
  const begun = shouldPrependBosToken && bos !== null ? [bos, ...tokens] : tokens;
  if (begun.length === 0) throw new EngineError("unsupported", "The prompt is empty.");
  return begun;
}

/** Forgets what the sequence holds beyond what the prompt begins with. Gives the tokens that need not be read again. */
async function keepShared(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  batches: Batches,
): Promise<number> {
  const held = sequence.contextTokens;
  const shared = Math.min(sharedLength(held, tokens), tokens.length - 1);
  if (shared < held.length)
    await batches.alone(() =>
      sequence.eraseContextTokenRanges([{ start: shared, end: held.length }]),
    );
  // The sequence may have had to forget more than was asked (models with recurrent state).
  return Math.min(shared, sequence.nextTokenIndex);
}

interface Reading {
  readonly sequence: LlamaContextSequence;
  readonly tokens: readonly Token[];
  /** Where to begin. */
  readonly at: number;
  readonly part: Part;
  readonly tally: Tally;
}

/** Reads the prompt up to its last step, which is read with the answer's first token, and given. */
async function readPrompt(
  { sequence, tokens, at, part, tally }: Reading,
  signal: AbortSignal,
): Promise<Token[]> {
  let next = at;
  for (;;) {
    signal.throwIfAborted();
    const step = part.step();
    tally.inputTokens += Math.min(step, tokens.length - next);
    if (tokens.length - next <= step) return tokens.slice(next);
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(next, next + step));
    part.stepped();
    next += step;
    await part.hold();
  }
}

interface Writing {
  readonly model: LlamaModel;
  readonly sequence: LlamaContextSequence;
  readonly part: Part;
  readonly tally: Tally;
  /** The end of the prompt, to be read yet. */
  readonly rest: Token[];
  readonly most: number;
  readonly usage: Omit<Usage, "outputTokens">;
  readonly answering: Answering;
  readonly sampling: Sampling;
}

async function* write(
  { model, sequence, part, tally, rest, most, usage, answering, sampling }: Writing,
  request: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerateEvent, void> {
  const sure = request.confidence && confidence();
  const filter = stopFilter(answering.stops);
  const written: Token[] = [];
  let pending: Token[] = [];
  let outputTokens = 0;
  let finishReason: "stop" | "length" = "stop";
  let stopped = false;
  const done = (): GenerateEvent => ({
    kind: "done",
    finishReason,
    usage: { ...usage, outputTokens },
    ...given(sure?.mean()),
  });
  if (most <= 0) {
    finishReason = "length";
    yield done();
    return;
  }
  const likelihoods =
    request.logprobs === undefined ? undefined : likelihoodsOf(model, request.logprobs);
  let length = 0;
  const events = (said: string) => {
    const taken = answering.take(said);
    return likelihoods === undefined ? taken : likelihoods.beside(taken, said.length);
  };
  const options = {
    ...sampling.options,
    ...(answering.held && { grammarEvaluationState: answering.grammar }),
  };
  const drawn: AsyncIterable<Token | Drawn> =
    likelihoods === undefined && sure === undefined
      ? sequence.evaluate(rest, options)
      : sequence.evaluateWithMetadata(rest, toTell(request), options);
  for await (const step of drawn) {
    const token = typeof step === "object" ? step.token : step;
    signal.throwIfAborted();
    sampling.took(token);
    if (typeof step === "object") {
      likelihoods?.drawn(step, written, length);
      sure?.take(step.confidence);
    }
    part.written();
    outputTokens += 1;
    tally.outputTokens += 1;
    const mark = answering.marks.get(token);
    if (mark === undefined) pending.push(token);
    let text = pending.length > 0 ? model.detokenize(pending, false, written) : "";
    const broken = mark === undefined && text.endsWith("\uFFFD") && pending.length < UNFINISHED;
    if (!broken) {
      written.push(...pending);
      pending = [];
      if (mark !== undefined) {
        written.push(token);
        text += mark;
      }
      length += text.length;
      const said = filter.push(text);
      if (said.text !== "") yield* events(said.text);
      stopped = said.stopped || answering.over();
      if (stopped) break;
      if (answering.tighten !== undefined) await answering.tighten();
    }
    if (outputTokens >= most) {
      finishReason = "length";
      break;
    }
    const held = part.hold();
    if (held !== undefined) await held;
  }
  if (!stopped) {
    const left = filter.push(pending.length > 0 ? model.detokenize(pending, false, written) : "");
    const end = left.text + (left.stopped ? "" : filter.rest());
    if (left.stopped) finishReason = "stop";
    if (end !== "") yield* events(end);
  }
  yield* answering.end();
  yield done();
}

function toTell({ logprobs = 0 }: GenerateRequest) {
  // All probabilities of a vocabulary are much to hand over: only where others than the drawn one are asked for.
  return { confidence: true, probabilities: logprobs > 0 } as const;
}

function given(confidence: number | undefined): { readonly confidence?: number } {
  return confidence === undefined ? {} : { confidence };
}
