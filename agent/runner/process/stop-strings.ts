/** Lets text through up to the first stop string; what may be the beginning of one is held back until it is clear. */
export interface StopFilter {
  /** What may be said now, and whether a stop string has come. */
  push(text: string): { readonly text: string; readonly stopped: boolean };
  /** What was held back when the model ended by itself. */
  rest(): string;
}

export function stopFilter(strings: readonly string[]): StopFilter {
  // An empty string is found everywhere: it stops nothing rather than everything.
  const stops = strings.filter((stop) => stop !== "");
  let held = "";
  return {
    push(text) {
      held += text;
      const at = firstOf(held, stops);
      if (at >= 0) {
        const said = held.slice(0, at);
        held = "";
        return { text: said, stopped: true };
      }
      const keep = longestBeginning(held, stops);
      const said = held.slice(0, held.length - keep);
      held = held.slice(held.length - keep);
      return { text: said, stopped: false };
    },
    rest() {
      return held;
    },
  };
}

function firstOf(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** Length of the longest end of `text` that begins a stop string. */
export function longestBeginning(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length -= 1) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
