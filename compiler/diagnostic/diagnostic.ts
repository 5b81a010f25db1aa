/**
 * What is said to authors: diagnostics with a code, a span and a cure.
 *
 * In: diagnostics as values, and the texts that their spans point into. Out: text with squiggles, JSON, SARIF, or
 * GitHub's workflow commands.
 * Promise: collected, never thrown; each code stands in the catalog; nothing of a definition reaches a terminal or a
 * workflow as a command; the lines of a file are found once, however many places in it are shown.
 */
export { type Code, catalog } from "./catalog.ts";
export { githubFailure, githubOf } from "./github.ts";
export { type JsonDiagnostic, jsonOf } from "./json.ts";
export { listed, shown } from "./names.ts";
export { didYouMean, nearest, type Suggestions, suggestionsFrom } from "./nearest.ts";
export { once } from "./once.ts";
export { type Files, type Lines, linesIn, type Position, type Range, rangeOf } from "./position.ts";
export { type SarifSource, sarifOf } from "./sarif.ts";
export type { SarifLog } from "./sarif-log.ts";
export { shortened } from "./shortened.ts";
export type { Span } from "./span.ts";
export { andThen, type Diagnostic, passed, refused, type Stage, stageOf } from "./stage.ts";
export { textOf } from "./text.ts";
export { fitted, widthOf } from "./width.ts";
