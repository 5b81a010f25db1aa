import { type Document, isNode, parseDocument } from "yaml";
import { tooDeepAt } from "../evaluate/evaluate.ts";

interface Range {
  readonly start: number;
  readonly end: number;
}

/** YAML as plain values, each of which can be found again in the text. */
export interface LockYaml {
  readonly content: unknown;
  /** Of the value at a path; where nothing is written, of the nearest value around it. */
  rangeOf(path: readonly string[]): Range;
}

type Unreadable = Range & { readonly wrong: string };

const start: Range = { start: 0, end: 1 };

/** Never throws: any bytes are YAML, or it is said where they are not. Aliases are refused: a lock needs none. */
export function readLockYaml(bytes: Uint8Array): LockYaml | Unreadable {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const deep = tooDeepAt(text);
    if (deep !== undefined)
      return { wrong: "it nests deeper than can be read", start: deep, end: deep + 1 };
    const document: Document = parseDocument(text, { uniqueKeys: true, strict: true });
    const [wrong] = [...document.errors, ...document.warnings];
    if (wrong !== undefined) {
      const [reason = ""] = wrong.message.split("\n");
      return { wrong: reason, start: wrong.pos[0], end: wrong.pos[1] };
    }
    return {
      content: document.toJS({ maxAliasCount: 0 }),
      rangeOf: (path) => rangeIn(document, path),
    };
  } catch (error) {
    // Not UTF-8, or an alias.
    if (error instanceof TypeError) return { wrong: "it is not UTF-8", ...start };
    if (error instanceof ReferenceError) return { wrong: "it has an alias", ...start };
    throw error;
  }
}

function rangeIn(document: Document, path: readonly string[]): Range {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return { start: node.range[0], end: node.range[1] };
  }
  return start;
}
