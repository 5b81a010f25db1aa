import { celLibrary } from "./library.ts";
import { type Meter, spend } from "./meter.ts";
import { Wrong } from "./overload.ts";

const LONGEST = 500;

type Match = (texts: { text: string; pattern: string }) => unknown;
const engines = new WeakMap<object, Match>();

/**
 * Whether a pattern is found in a text. The library's engine is RE2, which takes time in proportion to both; what a
 * pattern repeats with {} and what \p means it writes out first, so that this is paid for as well.
 */
export function matches(text: string, pattern: string, meter: Meter): boolean | Wrong {
  if (pattern.length > LONGEST)
    return new Wrong(`a pattern of ${pattern.length} characters`, `keep it below ${LONGEST}`);
  spend(meter, 500 + Math.min(1e12, weightOf(pattern) * (10 + text.length / 4)));
  const found = engine()({ text, pattern });
  if (typeof found === "boolean") return found;
  const why = found instanceof Error ? found.message.replace(/^error parsing regexp: /, "") : "";
  return new Wrong(
    `the pattern is none: ${why}`,
    "write it as RE2 takes it: https://github.com/google/re2/wiki/Syntax",
  );
}

function weightOf(pattern: string): number {
  let weight = pattern.length;
  for (const [, least, most] of pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g))
    weight *= Math.max(1, Number(least), Number(most || 0));
  return weight * (pattern.match(/\\[pP]|\(\?[a-zA-Z]*i/g) ? 100 : 1);
}

function engine(): Match {
  const cel = celLibrary();
  const known = engines.get(cel);
  if (known !== undefined) return known;
  const match = cel.plan(cel.celEnv(), cel.parse("text.matches(pattern)"));
  engines.set(cel, match);
  return match;
}
