/**
 * What is said to authors: diagnostics with a code, a span and a cure.
 *
 * In: diagnostics as values, and the texts that their spans point into. Out: text with squiggles, or JSON.
 * Promise: collected, never thrown; each code stands in the catalog.
 */
export { type Code, catalog } from "./catalog.ts";
export type { Position } from "./position.ts";
export { type JsonDiagnostic, jsonOf, textOf } from "./present.ts";
export type { Span } from "./span.ts";
export { andThen, type Diagnostic, passed, refused, type Stage, stageOf } from "./stage.ts";
