const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SLASH = 47;
const STAR = 42;
const HASH = 35;

/**
 * Where the first token at or after an offset begins: past space, comments and a `#!` line. Every value asks it of the
 * node that made it, so what most nodes need, a step over one space, costs next to nothing.
 */
export function tokenStart(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isSpace(code)) at += 1;
    else if (code === SLASH && text.charCodeAt(at + 1) === SLASH) at = lineEnd(text, at);
    else if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
      const close = text.indexOf("*/", at + 2);
      at = close < 0 ? text.length : close + 2;
    } else if (code === HASH && at === 0 && text.startsWith("#!")) at = lineEnd(text, at);
    else return at;
  }
}

/** ECMA-262, WhiteSpace and LineTerminator. */
function isSpace(code: number): boolean {
  if (code < 128) return code === 32 || (code >= 9 && code <= 13);
  return /\s/.test(String.fromCharCode(code));
}

function lineEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED || code === CARRIAGE_RETURN || code === 0x2028 || code === 0x2029)
      return at;
  }
  return text.length;
}
