/** What can be asked of a loaded model. Narrow on purpose: the embedded engine and external ones look the same. */

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
  /** Of an assistant: what it had called. */
  readonly toolCalls?: readonly ToolCall[];
  /** Of a tool: the call that it answers. */
  readonly toolCallId?: string;
}

/** In the shape of OpenAI's API. */
export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: {
    readonly name: string;
    /** JSON, as the model wrote it: it may be broken. */
    readonly arguments: string;
  };
}

/** A function that the model may call, in the shape of OpenAI's API. */
export interface Tool {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description?: string;
    /** A JSON Schema, as the caller wrote it. */
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly strict?: boolean;
  };
  /** What the arguments are held to: all of `parameters` of a strict one, of others what engines keep to. */
  readonly held: AnswerSchema;
}

/** `auto`: as the model likes. `required`: at least one call, and nothing else. */
export type ToolChoice =
  | "none"
  | "auto"
  | "required"
  | { readonly type: "function"; readonly function: { readonly name: string } };

/** A JSON Schema, of which an engine keeps to every keyword that the gateway lets through. */
export type AnswerSchema = Readonly<Record<string, unknown>>;

export interface GenerateRequest {
  /** A conversation, formatted by the model's own chat template; or bare text to continue. */
  readonly prompt:
    | { readonly kind: "chat"; readonly messages: readonly ChatMessage[] }
    | { readonly kind: "text"; readonly text: string };
  /** Absent: until the model stops or its context is full. */
  readonly maxTokens?: number;
  /** 0, when absent: greedy. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly seed?: number;
  /** Taken from the logit of every token that is in the answer already: once, and for each time that it is. */
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  /** What logits of tokens in prompt or answer are divided by. Not together with the other two. */
  readonly repetitionPenalty?: number;
  /** Added to the logits of these tokens, which are numbers of the model's own vocabulary. */
  readonly logitBias?: readonly (readonly [token: number, bias: number])[];
  /** How likely each token was is to be told, and of so many others that were likeliest. */
  readonly logprobs?: number;
  /** Generation ends before the first of these appears. */
  readonly stop?: readonly string[];
  /** The answer is JSON that it describes; the text of it, where the model may call tools instead. */
  readonly schema?: AnswerSchema;
  /** Functions that the model may call. Names are words; everything else is as hostile as a message. */
  readonly tools?: readonly Tool[];
  /** `auto`, when absent. */
  readonly toolChoice?: ToolChoice;
  /** Whether more than one call may be in an answer. True, when absent. */
  readonly parallelToolCalls?: boolean;
  /** `done` says how sure the model is. It costs a little, so nobody gets it who does not ask. */
  readonly confidence?: true;
}

export interface Usage {
  readonly inputTokens: number;
  /** Of these, how many a request before had left in the engine; absent: it does not say. */
  readonly cachedTokens?: number;
  readonly outputTokens: number;
}

export type GenerateEvent =
  | TextPiece
  | ToolCallPiece
  | {
      readonly kind: "done";
      readonly finishReason: "stop" | "length";
      readonly usage: Usage;
      /** The geometric mean of how probable its tokens were, from 0 to 1, where it was asked for and the engine tells. */
      readonly confidence?: number;
    };

/** How an engine works. What only grows does so from the start of its process. */
export interface EngineStats {
  /** Requests that have a sequence, and those that wait for one inside the engine. */
  readonly active: number;
  readonly waiting: number;
  /** Tokens of prompts that were read, and those that were there already. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly batches: number;
  /** Of all batches: how many sequences were in them, and how many tokens. */
  readonly batchSequences: number;
  readonly batchTokens: number;
  /** In bytes, as the engine reckons for the model and its context. */
  readonly memory: { readonly ram: number; readonly vram: number };
}

export interface TextPiece {
  readonly kind: "text";
  readonly text: string;
  /** Of its tokens, where that was asked for. */
  readonly logprobs?: readonly TokenLogprob[];
}

/**
 * How likely a token was among those that could be drawn: after penalties, biases and grammars; and, unless the answer
 * is greedy, after temperature and what `topK` and its like left. Engines keep no other account.
 */
export interface TokenLogprob extends Likely {
  /** The likeliest, which it may be itself. */
  readonly top: readonly Likely[];
}

export interface Likely {
  /** Its text. Of a token that is only part of a character, the replacement character. */
  readonly token: string;
  /** The natural logarithm; -9999 of what could not come. */
  readonly logprob: number;
}

/** A piece of a call, as the API streams it. The first one of a call has its name. */
export interface ToolCallPiece {
  readonly kind: "tool-call";
  /** Which call of the answer, from 0. */
  readonly call: number;
  readonly name?: string;
  /** Where the engine gives calls ids of its own. */
  readonly callId?: string;
  /** What is added to the arguments: JSON as the model writes it. */
  readonly arguments: string;
}

/** Why an engine could not answer. The gateway turns each into the API's own error. */
export type EngineErrorCode =
  /** The prompt does not fit the context. */
  | "prompt-too-long"
  /** The request asks for something that the engine cannot do. */
  | "unsupported"
  /** `signal` aborted. */
  | "cancelled"
  /** The process that held the model is gone. */
  | "engine-lost"
  | "engine-failed";

export class EngineError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EngineError";
    this.code = code;
  }
}

export interface Engine {
  /** Waits for a free sequence, then yields pieces of text and at last one `done`. Throws EngineError. */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>;
  /** One vector for each input. Throws EngineError. */
  embed(
    inputs: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly vectors: readonly (readonly number[])[]; readonly inputTokens: number }>;
  /** How well each document answers the query, from 0 to 1, in the order of the documents. Throws EngineError. */
  rerank(request: RerankRequest, signal: AbortSignal): Promise<Ranking>;
  /** How it works now; `undefined`, or absent: it has nothing to tell. Throws EngineError. */
  stats?(signal: AbortSignal): Promise<EngineStats | undefined>;
}

export interface RerankRequest {
  readonly query: string;
  readonly documents: readonly string[];
}

export interface Ranking {
  readonly scores: readonly number[];
  readonly inputTokens: number;
}
