import { visible } from "@millwright/schema";
import { fitted, widthOf } from "../diagnostic/diagnostic.ts";
import type { Origin } from "../history/history.ts";
import type { ExplainedLink } from "./explained-chain.ts";

/** Cells of a terminal for the text of a source line. */
const WIDTH = 60;

/** One line a link: what it is, where, what stands there, and who wrote it. */
export function textOfLinks(chain: readonly ExplainedLink[]): string {
  const rows = chain.map(({ what, place }) => ({
    what: visible(what),
    where: place
      ? visible(`${place.file}:${place.range.start.line}:${place.range.start.column}`)
      : "",
    text: place ? pieceOf(place.line, place.range.start.column) : "",
    origin: place ? textOfOrigin(place.origin) : "",
  }));
  const widest = (column: "what" | "where" | "text") =>
    Math.max(0, ...rows.map((row) => widthOf(row[column])));
  const [what, where, text] = [widest("what"), widest("where"), Math.min(WIDTH, widest("text"))];
  return rows
    .map((row) =>
      [fitted(row.what, what), fitted(row.where, where), fitted(row.text, text), row.origin]
        .join("  ")
        .trimEnd(),
    )
    .map((row) => `${row}\n`)
    .join("");
}

/** The line without the blanks before it; a long one from a little before the place. */
function pieceOf(line: string, column: number): string {
  const indent = /^\s*/.exec(line)?.[0].length ?? 0;
  const from = column - 1 - indent < WIDTH ? indent : column - 11;
  const piece = line.slice(from, from + 4 * WIDTH).replace(/^[\udc00-\udfff]/, "");
  return visible(piece.replace(/[\ud800-\udbff]$/, "").trimEnd());
}

function textOfOrigin(origin: Origin): string {
  switch (origin.kind) {
    case "commit": {
      const { commit, date, author, subject } = origin.authorship;
      const day = date.slice(0, 10);
      return `${commit.slice(0, 8)} ${day} ${short(author, 30)}: ${short(subject, 72)}`;
    }
    case "uncommitted":
      return "not committed yet";
    case "unknown":
      return `unknown: ${visible(origin.why)}`;
  }
}

/** At most so many cells. */
function short(text: string, cells: number): string {
  return fitted(visible(text.slice(0, 8 * cells)), cells).trimEnd();
}
