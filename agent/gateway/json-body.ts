import type { Read } from "./api-error.ts";
import { wrong } from "./api-error.ts";

/** Deeper bodies are refused before they are parsed. No request of this API needs more than ten. */
const MAX_DEPTH = 64;

/** The value of a body, or why it is none. */
export function readJson(body: Uint8Array): Read<unknown> {
  if (body.length === 0) return bad("The body is empty. Send JSON.");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return bad("The body is not UTF-8.");
  }
  // Whatever walks the value later must not run out of stack.
  if (depthOf(text) > MAX_DEPTH) return bad(`The body is nested deeper than ${MAX_DEPTH} levels.`);
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return bad("The body is not valid JSON.");
  }
}

function bad(message: string): Read<never> {
  return { ok: false, error: wrong("invalid_json", message) };
}

/** How deep brackets are nested outside of strings. One pass. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (quoted) {
      if (character === "\\") index += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') {
      quoted = true;
    } else if (character === "{" || character === "[") {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === "}" || character === "]") {
      depth -= 1;
    }
  }
  return deepest;
}
