import { type LlamaGrammar, LlamaGrammarEvaluationState, type LlamaModel } from "node-llama-cpp";
import { type AnswerSchema, EngineError } from "../engine.ts";

/** What the engine's grammars end with, once the JSON is whole. */
export const END_OF_JSON = "\n".repeat(4);

const KEPT = 32;

/** Holds an answer to a schema from its first token on. */
export type Grammars = (schema: AnswerSchema) => Promise<LlamaGrammarEvaluationState>;

/** Grammars of a model, the last ones kept: callers ask for the same few again and again. */
export function grammarsOf(model: LlamaModel): Grammars {
  const kept = new Map<string, Promise<LlamaGrammar>>();
  const grammarOf = (schema: AnswerSchema): Promise<LlamaGrammar> => {
    const key = JSON.stringify(schema);
    const found = kept.get(key) ?? model.llama.createGrammarForJsonSchema(schema as never);
    kept.delete(key);
    kept.set(key, found);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    return found;
  };
  return async (schema) => {
    try {
      return new LlamaGrammarEvaluationState({ model, grammar: await grammarOf(schema) });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new EngineError("unsupported", `The engine makes no grammar of the schema: ${reason}`, {
        cause,
      });
    }
  };
}
