import type { ChangeStep, HistoryStep, Told, UnreadableStep } from "../history/history.ts";
import { linesOfDifferences, short } from "./log-difference-text.ts";

const ends: Readonly<Record<Told["end"], string>> = {
  first: "",
  shallow:
    "The clone is shallow, and its history ends here: git fetch --unshallow brings the rest.\n",
  more: "There may be more: -n takes a larger number.\n",
  limit: "No more commits are looked at: begin at an older one with --at.\n",
};

/** One paragraph a step. */
export function textOfLog(name: string, { of, steps, end }: Told): string {
  const paragraphs = steps.map((step) =>
    [headOf(step), ...bodyOf(step, name, of === undefined), "", ""].join("\n"),
  );
  return `${paragraphs.join("")}${ends[end]}`;
}

function headOf({ commit }: HistoryStep): string {
  if (commit === undefined) return "uncommitted";
  const { commit: id, date, author, subject } = commit;
  return `${id.slice(0, 8)} ${date.slice(0, 10)} ${short(author, 30)}: ${short(subject, 72)}`;
}

function bodyOf(step: HistoryStep, name: string, withKind: boolean): readonly string[] {
  if (step.kind === "unreadable") return [`  ${unreadableText(step)}`];
  const title = titleOf(step);
  const what = withKind ? `${step.of}/${short(name, 64)} ` : "";
  return [
    ...(title === "" && what === "" ? [] : [`  ${what}${title}`.trimEnd()]),
    ...(step.orBefore ? ["  (or at a commit before, which cannot be read)"] : []),
    ...linesOfDifferences(step.changes),
  ];
}

function titleOf({ kind, file, movedFrom, renamedFrom }: ChangeStep): string {
  const place = short(file, 100);
  switch (kind) {
    case "added":
      return renamedFrom === undefined
        ? `added in ${place}`
        : `added in ${place}, renamed from ${short(renamedFrom, 64)}`;
    case "earliest":
      return `the earliest that can be read, in ${place}`;
    case "removed":
      return `removed from ${place}`;
    case "moved":
    case "changed":
      return movedFrom === undefined ? "" : `moved from ${short(movedFrom, 100)} to ${place}`;
  }
}

function unreadableText({ commit, commits, why }: UnreadableStep): string {
  const many =
    commits > 1 ? `, nor can ${commits - 1} ${commits === 2 ? "commit" : "commits"} before it` : "";
  const where = why.file === undefined ? "" : ` (${short(why.file, 100)})`;
  const who = commit === undefined ? "the folder as it lies cannot be read" : "cannot be read";
  return `${who}${many}: ${why.code}: ${short(why.message, 160)}${where}`;
}
