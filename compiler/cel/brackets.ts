import type { Slip } from "./node.ts";

/** Brackets inside brackets. The parser calls itself for each, and its stack must hold them. */
const DEEPEST = 64;

const closing = { "(": ")", "[": "]", "{": "}" } as const;

// Texts and comments are taken whole: a bracket in them is none. The last alternatives are texts without an end.
const token =
  /[rR]("""|''')[\s\S]*?\1|("""|''')(?:\\[\s\S]|(?!\2)[\s\S])*\2|[rR](?:"[^"\r\n]*"|'[^'\r\n]*')|"(?:\\.|[^"\\\r\n])*"|'(?:\\.|[^'\\\r\n])*'|\/\/[^\r\n]*|[()[\]{}]|["']|(?<![=!<>])=(?!=)|&+|\|+/g;

/** What a look at the brackets and quotes tells better than the parser would, and all that it could not bear. */
export function bracketSlip(text: string): Slip | undefined {
  const open: { readonly bracket: keyof typeof closing; readonly at: number }[] = [];
  for (const { 0: found, index: from } of text.matchAll(token)) {
    const to = from + found.length;
    if (found === "(" || found === "[" || found === "{") {
      open.push({ bracket: found, at: from });
      if (open.length > DEEPEST)
        return {
          from,
          to,
          message: `brackets are nested more than ${DEEPEST} deep`,
          cure: "make two policies of it, or a list that is tested with `in`",
        };
    } else if (found === ")" || found === "]" || found === "}") {
      const last = open.pop();
      if (last === undefined || closing[last.bracket] !== found)
        return {
          from,
          to,
          message: `${found} closes no bracket`,
          cure: last === undefined ? `take it out` : `write ${closing[last.bracket]} first`,
        };
    } else if (found === '"' || found === "'")
      return {
        from,
        to: text.length,
        message: "the text has no end",
        cure: `close it with ${found}`,
      };
    else {
      const meant = { "=": "==", "&": "&&", "|": "||" }[found];
      if (meant !== undefined)
        return { from, to, message: `${found} is no operator`, cure: `write ${meant}` };
    }
  }
  const last = open.at(-1);
  return last === undefined
    ? undefined
    : {
        from: last.at,
        to: last.at + 1,
        message: `${last.bracket} is not closed`,
        cure: `write ${closing[last.bracket]} where it ends`,
      };
}
