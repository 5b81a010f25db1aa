import type { LlamaGrammarEvaluationState, LlamaModel, Token } from "node-llama-cpp";
import type { GenerateEvent, GenerateRequest, Tool } from "../engine.ts";
import { END_OF_JSON, type Grammars } from "./grammar.ts";
import type { Kept } from "./kept.ts";
import { type CallGrammar, callGrammarOf, type ToolFormat, toolReader } from "./tools/tools.ts";

/** What the answer to one request is held to, and what becomes of its text. */
export interface Answering {
  /** Whether there is, or may be, a grammar. */
  readonly held: boolean;
  /** The grammar of the next token. */
  readonly grammar: () => LlamaGrammarEvaluationState | undefined;
  /** The answer ends before the first of these. */
  readonly stops: readonly string[];
  /** Control tokens that are no end and say something. */
  readonly marks: ReadonlyMap<Token, string>;
  take(text: string): readonly GenerateEvent[];
  end(): readonly GenerateEvent[];
  /** Nothing more may come. */
  over(): boolean;
  /** Between one token and the next: a call that has begun is held from there on. */
  readonly tighten?: () => Promise<void>;
}

/** What the answers of a model are made with. */
export interface Means {
  readonly model: LlamaModel;
  /** How the model calls tools. */
  readonly calls: ToolFormat;
  readonly grammars: Grammars;
  readonly callGrammars: Kept<CallGrammar>;
}

const noMarks: ReadonlyMap<Token, string> = new Map();

/** Throws EngineError. */
export async function answeringOf(means: Means, request: GenerateRequest): Promise<Answering> {
  const { stop = [], schema, tools = [], toolChoice } = request;
  if (tools.length > 0 && toolChoice !== "none") return await withTools(means, request, tools);
  const state = schema && (await means.grammars.schema(schema));
  return {
    held: state !== undefined,
    grammar: () => state,
    stops: state === undefined ? stop : [...stop, END_OF_JSON],
    marks: noMarks,
    take: (text) => [{ kind: "text", text }],
    end: () => [],
    over: () => false,
  };
}

async function withTools(
  { model, calls: format, callGrammars, grammars }: Means,
  { toolChoice = "auto", parallelToolCalls, schema, stop = [] }: GenerateRequest,
  tools: readonly Tool[],
): Promise<Answering> {
  const named = typeof toolChoice === "object" ? toolChoice.function.name : undefined;
  const callable = tools.filter(({ function: { name } }) => (named ?? name) === name);
  const forced = named !== undefined || toolChoice === "required";
  const several = named === undefined && parallelToolCalls !== false;
  const answer = forced ? undefined : schema;
  const grammar = await callGrammars.of(JSON.stringify([callable, several, answer]), () =>
    callGrammarOf(
      format.written,
      callable,
      { several, ...(answer && { answer }) },
      grammars.rulesOf,
    ),
  );
  const reader = toolReader(format, new Set(tools.map(({ function: { name } }) => name)));
  let state = forced || answer !== undefined ? await grammars.rules(grammar.whole) : undefined;
  return {
    held: true,
    grammar: () => state,
    // A call that has to be made is made: what ends a text does not end it.
    stops: forced ? [] : stop,
    marks: marksOf(model, format),
    take: (text) => reader.push(text),
    end: () => reader.end(),
    over: () => !several && reader.whole > 0,
    async tighten() {
      if (state !== undefined || reader.begun === undefined) return;
      const rest = grammar.after(reader.begun);
      if (rest !== undefined) state = await grammars.rules(rest);
    },
  };
}

/** The control tokens of a format. Engines leave the text of such tokens out. */
function marksOf(model: LlamaModel, format: ToolFormat): ReadonlyMap<Token, string> {
  const texts = [...format.opens, ...format.closes, format.separator ?? ""];
  const tokens = texts.flatMap((text) => model.tokenize(text, true, "trimLeadingSpace"));
  return new Map(
    tokens.flatMap((token) => {
      if (model.isEogToken(token) || model.detokenize([token], false) !== "") return [];
      return [[token, model.detokenize([token], true)] as const];
    }),
  );
}
