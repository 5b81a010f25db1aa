import { ts } from "ts-morph";
import { limits } from "../source/source.ts";
import type { Run } from "./run.ts";
import { tooLarge } from "./standing.ts";

/** A TypeScript file as a tree. Syntax errors are reported; `undefined` when there is no tree to read. */
export function parse(run: Run, path: string, bytes: Uint8Array): ts.SourceFile | undefined {
  const whole = { file: path, start: 0, end: 0 };
  if (bytes.length > limits.file) {
    tooLarge(run, path);
    return undefined;
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // The decoder says only that it is not UTF-8, and so do we.
    run.refuse("source/not-utf8", "the file is not UTF-8", whole, "save it as UTF-8");
    return undefined;
  }
  let file: ts.SourceFile;
  try {
    const options: ts.CreateSourceFileOptions = {
      languageVersion: ts.ScriptTarget.ES2023,
      // Comments mean nothing here.
      jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
    };
    file = ts.createSourceFile(path, text, options, false, ts.ScriptKind.TS);
  } catch (error) {
    // TypeScript's parser descends without a limit: text nested ten thousand deep overflows its stack, harmlessly.
    if (!(error instanceof RangeError)) throw error;
    run.refuse(
      "evaluate/too-deep",
      "the file nests deeper than can be read",
      whole,
      "define the inner parts as consts of their own",
    );
    return undefined;
  }
  // One slip makes the parser stumble on: what it says after the first mostly follows from it.
  const [error] = syntaxErrorsOf(file);
  if (error === undefined) return file;
  const { start, length, messageText } = error;
  const message = ts.flattenDiagnosticMessageText(messageText, " ");
  run.refuse("evaluate/syntax", message, { file: path, start, end: start + length });
  return undefined;
}

/** The parser keeps its errors on the tree, under a name that its types do not show. */
function syntaxErrorsOf(file: ts.SourceFile): readonly ts.DiagnosticWithLocation[] {
  return (
    file as ts.SourceFile & { readonly parseDiagnostics: readonly ts.DiagnosticWithLocation[] }
  ).parseDiagnostics;
}
