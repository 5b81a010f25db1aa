import type { Characters, Reading } from "./characters.ts";

/** Takes a call, as far as it is clear. */
export interface Sink {
  /** `false`: this is no call after all. */
  begin(name: string, id: string | undefined): boolean;
  add(text: string): void;
}

/** `none`: no call could be told from it. `cut`: it ended before its arguments did. */
export type Outcome = "whole" | "cut" | "none";

const argumentFields: ReadonlySet<string> = new Set(["arguments", "parameters"]);
/** Of the arguments that came before the name: they wait in memory. */
const MOST_EARLY = 1024 ** 2;

/**
 * Reads `{"name": …, "arguments": {…}}` after its first brace, in any order, also wrapped as `{"function": {…}}`.
 * The arguments are passed on as they come and as they were written; text in which they were packed is unpacked.
 */
export function* readCallObject(chars: Characters, sink: Sink): Reading<Outcome> {
  let depth = 1;
  let name: string | undefined;
  let id: string | undefined;
  let early = "";
  let had = false;
  let begun = false;
  const begin = () => {
    if (begun || name === undefined) return true;
    begun = sink.begin(name, id);
    return begun;
  };
  for (;;) {
    const character = yield* chars.solid();
    if (character === ",") continue;
    if (character === "}") {
      depth -= 1;
      if (depth > 0) continue;
      if (name === undefined || !begin()) return "none";
      if (early !== "" || !had) sink.add(early === "" ? "{}" : early);
      return "whole";
    }
    // After the arguments nothing of use follows: what is wrong there breaks no call.
    if (character !== '"') return begun && had ? "whole" : "none";
    const key = yield* readText(chars);
    if ((yield* chars.solid()) !== ":") return begun && had ? "whole" : "none";
    const first = yield* chars.solid();
    if (first === undefined) return begun && had ? "whole" : "none";
    if (key === "function" && first === "{") {
      depth += 1;
    } else if ((key === "name" || key === "function") && first === '"' && name === undefined) {
      name = yield* readText(chars);
      if (name === undefined) return "none";
    } else if (key === "id" && first === '"') {
      id = yield* readText(chars);
    } else if (key !== undefined && argumentFields.has(key) && !had) {
      had = true;
      if (!begin()) return "none";
      const add = (text: string) => {
        if (begun) sink.add(text);
        else if (early.length + text.length <= MOST_EARLY) early += text;
      };
      if (!(yield* readArguments(chars, first, add))) return begun ? "cut" : "none";
    } else if (!(yield* readValue(chars, first, () => undefined))) {
      return begun && had ? "whole" : "none";
    }
  }
}

/** Arguments that begin with `first`: a value, or one packed in a text. `false`: they do not end. */
export function* readArguments(
  chars: Characters,
  first: string,
  add: (text: string) => void,
): Reading<boolean> {
  if (first === '"') return yield* readPacked(chars, add);
  if (first === "{" || first === "[") return yield* readValue(chars, first, add);
  let scalar = "";
  const whole = yield* readValue(chars, first, (text) => {
    scalar += text;
  });
  // Of a function without parameters some models say null.
  add(scalar === "null" ? "{}" : scalar);
  return whole;
}

/** Reads a JSON value that begins with `first`. `false`: it does not end. */
function* readValue(
  chars: Characters,
  first: string,
  add: (text: string) => void,
): Reading<boolean> {
  add(first);
  if (first === '"') return yield* readQuoted(chars, add);
  if (first === "{" || first === "[") {
    for (let depth = 1; depth > 0; ) {
      const character = yield* chars.next();
      if (character === undefined) return false;
      add(character);
      if (character === "{" || character === "[") depth += 1;
      else if (character === "}" || character === "]") depth -= 1;
      else if (character === '"' && !(yield* readQuoted(chars, add))) return false;
    }
    return true;
  }
  for (;;) {
    const character = yield* chars.next();
    if (character === undefined) return false;
    if (/[\s,}\]]/.test(character)) {
      chars.giveBack(character);
      return true;
    }
    add(character);
  }
}

/** The rest of a quoted text, as it is written. */
function* readQuoted(chars: Characters, add: (text: string) => void): Reading<boolean> {
  for (;;) {
    const character = yield* chars.next();
    if (character === undefined) return false;
    add(character);
    if (character === '"') return true;
    if (character !== "\\") continue;
    const escaped = yield* chars.next();
    if (escaped === undefined) return false;
    add(escaped);
  }
}

/** The rest of a quoted text, as it is meant. `undefined`: it is broken. */
export function* readText(chars: Characters): Reading<string | undefined> {
  let written = '"';
  const whole = yield* readQuoted(chars, (text) => {
    written += text;
  });
  return whole ? meant(written) : undefined;
}

/** The rest of a quoted text, as it is meant, piece by piece. */
function* readPacked(chars: Characters, add: (text: string) => void): Reading<boolean> {
  for (;;) {
    const character = yield* chars.next();
    if (character === undefined) return false;
    if (character === '"') return true;
    if (character !== "\\") {
      add(character);
      continue;
    }
    let escaped = "\\";
    for (let missing = 1; missing > 0; missing -= 1) {
      const more = yield* chars.next();
      if (more === undefined) return false;
      escaped += more;
      if (escaped === "\\u") missing += 4;
    }
    add(meant(`"${escaped}"`) ?? escaped);
  }
}

function meant(written: string): string | undefined {
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === "string" ? value : undefined;
  } catch {
    // Not JSON: the caller knows what to make of that.
    return undefined;
  }
}
