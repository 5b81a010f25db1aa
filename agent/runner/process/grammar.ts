import { type LlamaGrammar, LlamaGrammarEvaluationState, type LlamaModel } from "node-llama-cpp";
import { type AnswerSchema, EngineError } from "../engine.ts";
import { Kept } from "./kept.ts";

/** What the engine's grammars end with, once the JSON is whole. */
export const END_OF_JSON = "\n".repeat(4);

const KEPT = 32;

/** Grammars of a model. Throws EngineError. */
export interface Grammars {
  /** Holds an answer to a schema from its first token on. */
  schema(schema: AnswerSchema): Promise<LlamaGrammarEvaluationState>;
  /** Holds it to a grammar in GBNF. */
  rules(gbnf: string): Promise<LlamaGrammarEvaluationState>;
  /** The GBNF of a schema. */
  rulesOf(schema: AnswerSchema): Promise<string>;
}

export function grammarsOf(model: LlamaModel): Grammars {
  const { llama } = model;
  const kept = new Kept<LlamaGrammar>(KEPT);
  const made = (schema: AnswerSchema): Promise<LlamaGrammar> =>
    llama.createGrammarForJsonSchema(schema as never);
  const stateOf = async (grammar: Promise<LlamaGrammar>) =>
    new LlamaGrammarEvaluationState({ model, grammar: await grammar });
  return {
    schema: (schema) => stateOf(kept.of(JSON.stringify(schema), () => made(schema))).catch(refused),
    rules: (grammar) =>
      stateOf(kept.of(grammar, () => llama.createGrammar({ grammar, rootRuleName: "root" }))).catch(
        refused,
      ),
    rulesOf: async (schema) => (await made(schema).catch(refused)).grammar,
  };
}

function refused(cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new EngineError("unsupported", `The engine makes no grammar of the schema: ${reason}`, {
    cause,
  });
}
