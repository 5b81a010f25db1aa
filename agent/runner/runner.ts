/**
 * Models in processes of their own.
 *
 * In: a specification of one instance. Out: a handle with an engine that answers.
 * Promise: a crash of the engine ends its own process and nothing else; a runner outlives its agent by a minute, so a
 * restarted agent takes it over instead of loading the model again; why a load failed is told in the engine's words.
 */

export { crashFilesIn } from "./crash-files.ts";
export {
  type AnswerSchema,
  type ChatMessage,
  type Engine,
  EngineError,
  type EngineErrorCode,
  type EngineStats,
  type GenerateEvent,
  type GenerateRequest,
  type Ranking,
  type RerankRequest,
  type TextPiece,
  type TokenLogprob,
  type Tool,
  type ToolCall,
  type ToolCallPiece,
  type ToolChoice,
  type Usage,
} from "./engine.ts";
export { installEngine } from "./engines.ts";
export type { RunnerHandle } from "./handle.ts";
export { type Runners, type RunnersOptions, runnersIn } from "./runners.ts";
export type { RequestShape } from "./shape.ts";
export { digestOfSpec, lineageOf, originOf, type RunnerSpec, weightsOf } from "./spec.ts";
