import { type Diagnostic, jsonOf, textOf } from "../diagnostic/diagnostic.ts";
import type { SourceTree } from "../source/source.ts";
import { type Context, printJson } from "./context.ts";

/** Shows diagnostics where they belong: as text among the talk, or as `{ diagnostics }` on stdout. */
export function showDiagnostics(
  found: readonly Diagnostic[],
  { files }: SourceTree,
  json: boolean,
  context: Context,
): void {
  if (json) printJson(context, { diagnostics: jsonOf(found, files) });
  else if (found.length > 0)
    context.terminal.err(textOf(found, files, { color: context.terminal.interactive }));
}
