import { Lexer } from "yaml";
import { budget } from "./budget.ts";

/** Columns before a line's first word. Each level of nesting takes at least one. */
const INDENT = 4 * budget.depth;

/**
 * Where YAML nests deeper than any definition does; `undefined` when it nowhere does. The parser descends without a
 * limit and takes seconds to run out of its stack, so it is asked of the tokens, before anything is parsed.
 */
export function tooDeepAt(text: string): number | undefined {
  return isShallow(text) ? undefined : deepAt(text);
}

/** Whether a glance tells that it is not deep: few brackets, and no line with many signs or much space before it. */
function isShallow(text: string): boolean {
  let brackets = 0;
  let signs = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) signs = 0;
    else if (code === OPEN_BRACKET || code === OPEN_BRACE) brackets += 1;
    // Space, `-`, `?` and `:` are what levels of a block are made of.
    else if (code === 32 || code === 45 || code === 63 || code === 58) signs += 1;
    if (brackets + signs > budget.depth) return false;
  }
  return true;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const OPEN_BRACKET = 91;
const OPEN_BRACE = 123;

function deepAt(text: string): number | undefined {
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
