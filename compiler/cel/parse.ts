import { bracketSlip } from "./brackets.ts";
import { celParser } from "./library.ts";
import type { Node, Slip } from "./node.ts";
import { treeOf } from "./tree.ts";

export type Parsed =
  | { readonly ok: true; readonly node: Node }
  | { readonly ok: false; readonly slip: Slip };

/** A text of CEL as a tree, or the first place where it is none. */
export function parseExpression(text: string): Parsed {
  const slip = bracketSlip(text) ?? endSlip(text);
  if (slip !== undefined) return { ok: false, slip };
  try {
    const tree = treeOf(celParser()(text), text);
    return "kind" in tree ? { ok: true, node: tree } : { ok: false, slip: tree };
  } catch (error) {
    // The parser's only way to say no. What we ourselves do wrong is not hidden behind it.
    if (!(error instanceof Error) || error.message.startsWith("impossible: ")) throw error;
    return { ok: false, slip: parserSlip(error, text) };
  }
}

const dangling = /(?:&&|\|\||[-+*/%<>=!?:.,]|\bin)\s*$/;

function endSlip(text: string): Slip | undefined {
  const found = dangling.exec(text);
  if (found === null && text.trim() !== "") return undefined;
  const from = found?.index ?? 0;
  return {
    from,
    to: from + (found?.[0].trimEnd().length ?? text.length),
    message: found === null ? "the expression is empty" : `nothing follows ${found[0].trim()}`,
    cure: "write what it is compared or joined with, or take it out",
  };
}

function parserSlip(error: Error, text: string): Slip {
  const from = Math.min(offsetOf(error) ?? 0, text.length);
  const rest = text.slice(from);
  const found = /^\s*("[^"\n]*"|'[^'\n]*'|\w+|[\s\S])?/.exec(rest)?.[1];
  const start = found === undefined ? from : from + rest.indexOf(found);
  return {
    from: start,
    to: start + (found?.length ?? 0),
    message:
      found === undefined
        ? "the expression ends where more is wanted"
        : `CEL does not know what to do with ${found} here`,
    cure: "look before it for an operator, a comma or a value that is missing; schema/POLICIES.md shows the language",
  };
}

function offsetOf(error: Error): number | undefined {
  if (!("location" in error)) return undefined;
  const { location } = error;
  if (typeof location !== "object" || location === null || !("start" in location)) return undefined;
  const { start } = location;
  if (typeof start !== "object" || start === null || !("offset" in start)) return undefined;
  return typeof start.offset === "number" ? start.offset : undefined;
}
