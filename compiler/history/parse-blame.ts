import type { Authorship } from "./authorship.ts";
import { commitDate } from "./commit-date.ts";
import { parseQuotedPath } from "./quoted-path.ts";

/** A commit that wrote some of the lines. */
export interface Author extends Authorship {
  /** Seconds, as the committer's clock stood. */
  readonly committed: number;
}

/** Who wrote each line, by its number from 1; empty for lines that were not asked for. */
export type Blame = readonly (Author | undefined)[];

/**
 * What `git blame --porcelain` says: for each line `<commit> <line then> <line now>`, on first sight of a commit
 * fields about it, then the line itself behind a tab.
 */
export function parseBlame(said: string): Blame {
  const commits = new Map<string, Map<string, string>>();
  const authors = new Map<string, Author>();
  const blame: (Author | undefined)[] = [];
  let line = 0;
  let id = "";
  for (const row of rowsOf(said)) {
    const [, commit, now] = /^([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?$/.exec(row) ?? [];
    if (row.startsWith("\t")) {
      const author = authors.get(id) ?? authorOf(id, commits.get(id) ?? new Map());
      authors.set(id, author);
      blame[line] = author;
    } else if (commit !== undefined) {
      id = commit;
      line = Number(now);
      if (!commits.has(id)) commits.set(id, new Map());
    } else {
      const space = row.indexOf(" ");
      const [name, value] = space < 0 ? [row, ""] : [row.slice(0, space), row.slice(space + 1)];
      commits.get(id)?.set(name, value);
    }
  }
  return blame;
}

/** Not split as a whole: a file of many lines would be held twice. */
function* rowsOf(text: string): Generator<string> {
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
    yield text.slice(start, end);
    start = end + 1;
  }
}

function authorOf(commit: string, fields: ReadonlyMap<string, string>): Author {
  return {
    commit,
    author: fields.get("author") ?? "",
    email: (fields.get("author-mail") ?? "").replace(/^<(.*)>$/s, "$1"),
    date: commitDate(Number(fields.get("author-time")), fields.get("author-tz") ?? ""),
    subject: fields.get("summary") ?? "",
    path: parseQuotedPath(fields.get("filename") ?? ""),
    committed: Number(fields.get("committer-time") ?? 0),
  };
}
