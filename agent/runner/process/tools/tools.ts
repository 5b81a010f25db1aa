/**
 * Calls of functions, as families of models write them.
 *
 * In: a chat template, and what a model writes piece by piece. Out: the format of its family; text and calls apart; the
 * grammar that holds calls to what their functions take.
 * Promise: everything here is pure; see `toolReader` for what it promises of any text whatsoever.
 */
import { deepseek } from "./deepseek.ts";
import type { ToolFormat } from "./format.ts";
import { granite } from "./granite.ts";
import { hermes } from "./hermes.ts";
import { llama } from "./llama.ts";
import { mistral, mistralNamed } from "./mistral.ts";

export { type CallGrammar, callGrammarOf } from "./call-grammar.ts";
export { inWords, knowsTools, toolsFor, withCalls } from "./conversation.ts";
export type { ToolFormat } from "./format.ts";
export { type ToolPiece, type ToolReader, toolReader } from "./tool-reader.ts";

/** The first that speaks is taken: the more peculiar ones stand first. */
const formats: readonly ToolFormat[] = [
  ...[mistralNamed, mistral, deepseek, granite],
  ...[hermes, llama],
];

/** How models with this template call; Hermes for those whose template knows no tools. */
export function toolFormatOf(template: string): ToolFormat {
  return formats.find((format) => format.speaks(template)) ?? hermes;
}
