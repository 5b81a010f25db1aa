import { linesIn, type Range, rangeOf, type Span } from "../diagnostic/diagnostic.ts";
import { type Origin, originsOf } from "../history/history.ts";
import type { Link } from "../provenance/provenance.ts";
import type { SourceTree } from "../source/source.ts";

/** A link, its place found and who wrote it known; where nothing can be pointed at, only what it is. */
export interface ExplainedLink {
  readonly what: string;
  readonly place?: Place;
}

interface Place {
  readonly file: string;
  readonly range: Range;
  /** What stands in the range. */
  readonly text: string;
  /** The line that the range begins in. */
  readonly line: string;
  readonly origin: Origin;
}

/** Asks git once for all links. A range is whoever's wrote last in it. */
export async function explainChain(
  repository: string,
  { files, at: source }: SourceTree,
  chain: readonly Link[],
  signal: AbortSignal,
): Promise<readonly ExplainedLink[]> {
  const linesOf = linesIn(files);
  const places = chain.map(({ at }) => at && { at, range: rangeOf(at, linesOf(at.file)) });
  const asked = places.map((place) => place && linesAsked(place.at, place.range));
  const origins = await originsOf(
    repository,
    source?.commit,
    asked.filter((range) => range !== undefined),
    signal,
  );
  const answers = origins.values();
  return chain.map(({ what }, index) => {
    const place = places[index];
    if (place === undefined) return { what };
    const { value: origin } = answers.next();
    if (origin === undefined) throw new Error("impossible: fewer answers than questions");
    const { file, start, end } = place.at;
    const lines = linesOf(file);
    const { range } = place;
    const [text, line] = [lines.text.slice(start, end), lines.line(range.start.line)];
    return { what, place: { file, range, text, line, origin } };
  });
}

/** A range that ends before the first character of a line has nothing of that line. */
function linesAsked({ file }: Span, { start, end }: Range) {
  const lastLine = end.column === 1 && end.line > start.line ? end.line - 1 : end.line;
  return { file, firstLine: start.line, lastLine };
}
