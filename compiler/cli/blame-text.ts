import { fitted, widthOf } from "../diagnostic/diagnostic.ts";
import type { BlamedValue, HostHistory, HostRevision, HostStep } from "../history/history.ts";
import { linesOfDifferences, short, valueText } from "./log-difference-text.ts";

const NOT_VERIFIED =
  "Signatures are not verified here: millwright verify does that for the newest revision.";

const ends: Readonly<Record<HostHistory["end"], string>> = {
  first: "",
  shallow:
    "The clone is shallow, and its history ends here: git fetch --unshallow brings the rest.\n",
  more: "There is more: -n takes a larger number.\n",
};

const titles: Readonly<Record<HostStep["kind"], string>> = {
  added: "added",
  changed: "",
  removed: "removed",
  returned: "has come back",
  earliest: "the earliest that this clone has",
  unreadable: "cannot be read here, or could not before: no JSON, or larger than agents accept",
};

/** One line a value. */
export function textOfValues(values: readonly BlamedValue[]): string {
  const rows = values.map(({ path, value, revision, orEarlier }) => ({
    path: short(path, 60),
    value: short(valueText(value), 40),
    revision: revision === undefined ? "an earlier revision: -n" : lineOf(revision),
    note: orEarlier ? "  or earlier: git fetch --unshallow" : "",
  }));
  const path = Math.max(0, ...rows.map((row) => widthOf(row.path)));
  const value = Math.max(0, ...rows.map((row) => widthOf(row.value)));
  const lines = rows.map(
    (row) => `${fitted(row.path, path)}  ${fitted(row.value, value)}  ${row.revision}${row.note}\n`,
  );
  return `${lines.join("")}\n${NOT_VERIFIED}\n`;
}

/** One paragraph a revision. */
export function textOfHistory({ steps, end }: HostHistory): string {
  const paragraphs = steps.map(({ revision, kind, changes }) => {
    const title = titles[kind];
    const head = title === "" ? [] : [`  ${title}`];
    return [lineOf(revision), ...head, ...linesOfDifferences(changes), "", ""].join("\n");
  });
  return `${paragraphs.join("")}${ends[end]}${NOT_VERIFIED}\n`;
}

function lineOf({ number, commit, date, source, signers }: HostRevision): string {
  const name = number === undefined ? `commit ${commit.slice(0, 8)}` : `revision ${number}`;
  return [name, date.slice(0, 10), sourceText(source), signersText(signers)].join("  ");
}

function sourceText(source: HostRevision["source"]): string {
  if (source === undefined) return "its revision.json cannot be read";
  const id = source.commit.slice(0, 8);
  if (!("author" in source)) return `${id} (not in this clone)`;
  return `${id} ${short(source.author, 30)}: ${short(source.subject, 72)}`;
}

function signersText(signers: readonly string[]): string {
  if (signers.length === 0) return "unsigned";
  return `signed ${signers.map((id) => short(id, 8)).join(", ")}`;
}
