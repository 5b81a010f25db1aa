import { Lexer } from "yaml";
import { budget } from "./budget.ts";

/** Columns before a line's first word. Each level of nesting takes at least one. */
const INDENT = 4 * budget.depth;

/**
 * Where YAML nests deeper than any definition does; `undefined` when it nowhere does. The parser descends without a
 * limit and takes seconds to run out of its stack, so it is asked of the tokens, before anything is parsed.
 */
export function tooDeepAt(text: string): number | undefined {
  let at = 0;
  let inFlow = 0;
  let inLine = 0;
  let startsLine = true;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") inFlow += 1;
    else if (token === "]" || token === "}") inFlow -= 1;
    else if (inFlow === 0 && (token === "-" || token === "?" || token === ":")) inLine += 1;
    else if (token === "\n" || token === "\r\n") inLine = 0;
    if (
      inFlow + inLine > budget.depth ||
      (startsLine && /^ +$/.test(token) && token.length > INDENT)
    )
      return at;
    // Marks of the lexer's own, which are not in the text.
    const isMark = token === "\u0002" || token === "\u0018" || token === "\u001f";
    if (!isMark) at += token.length;
    startsLine = token.endsWith("\n");
  }
  return undefined;
}
