import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Origin } from "./authorship.ts";
import { type Author, type Blame, parseBlame } from "./parse-blame.ts";
import { type Repository, readRepository } from "./repository.ts";
import { runGit } from "./run-git.ts";

/** Lines of one file, from 1, both ends included. */
export interface LineRange {
  readonly file: string;
  readonly firstLine: number;
  readonly lastLine: number;
}

/** Milliseconds for one call, however many files. */
const PATIENCE = 30_000;

/**
 * Who last wrote each of these ranges, as of a commit or, when `commit` is undefined, of the folder as it lies.
 * One git process a file, whatever the number of ranges. Renames of a file are followed; copies of lines are not:
 * who copies a line of someone else's to another host has written it there.
 */
export function originsOf(
  repository: string,
  commit: string | undefined,
  ranges: readonly LineRange[],
  signal: AbortSignal,
): Promise<readonly Origin[]> {
  return originsWithin(PATIENCE, repository, commit, ranges, signal);
}

/** As `originsOf`; what is not found out in time is unknown. */
export async function originsWithin(
  patienceMs: number,
  repository: string,
  commit: string | undefined,
  ranges: readonly LineRange[],
  signal: AbortSignal,
): Promise<readonly Origin[]> {
  // What is no id could be read as an option of git.
  if (commit !== undefined && !/^[0-9a-f]{40,64}$/.test(commit))
    throw new Error(`impossible: ${commit} is no commit id`);
  const deadline = AbortSignal.timeout(patienceMs);
  const either = AbortSignal.any([signal, deadline]);
  const inTime = async <T>(work: Promise<T>, late: T): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (signal.aborted || !deadline.aborted) throw error;
      return late;
    }
  };
  const late = forAll(unknown(`git took longer than ${patienceMs / 1_000} seconds`));
  const known = await inTime(readRepository(repository, either), undefined);
  const findings = new Map<string, Finding>();
  for (const [file, wanted] of Map.groupBy(ranges, ({ file }) => file)) {
    const found = findingOf({ repository, known, commit, file, wanted }, either);
    findings.set(file, await inTime(found, late));
  }
  return ranges.map((range) => (findings.get(range.file) ?? late)(range));
}

/** What is known of one file's ranges. */
type Finding = (range: LineRange) => Origin;

function forAll(origin: Origin): Finding {
  return () => origin;
}

interface Question {
  readonly repository: string;
  readonly known: Repository | undefined;
  readonly commit: string | undefined;
  readonly file: string;
  readonly wanted: readonly LineRange[];
}

async function findingOf(question: Question, signal: AbortSignal): Promise<Finding> {
  signal.throwIfAborted();
  const { repository, known, commit, file, wanted } = question;
  if (known === undefined)
    return forAll(unknown(`${repository} is no git repository that can be read`));
  if (commit === undefined && known.bare)
    return forAll(unknown("a bare repository has no folder as it lies; name a commit"));
  const lines = linesOf(wanted);
  const asked = await blame(question, lines, signal);
  // Past the end of a file there is nothing to ask for, and git then says nothing of the other ranges either.
  const answer =
    asked.kind === "refused" && lines.length > 0 ? await blame(question, [], signal) : asked;
  if (answer.kind === "too-much") return forAll(unknown(`${file} has too many lines`));
  if (answer.kind === "said") {
    const blamed = parseBlame(answer.text);
    return (range) => newestOf(blamed, range, known.shallow);
  }
  if (commit === undefined) return forAll(await notInHead(repository, known, file, signal));
  const id = commit.slice(0, 12);
  return forAll(unknown(`git knows no ${file} in ${id}: a shallow or damaged clone?`));
}

function blame(
  { repository, commit, file }: Question,
  lines: readonly string[],
  signal: AbortSignal,
) {
  return runGit(
    repository,
    [
      // A list of commits to overlook would hide who wrote a line, and a name is never a pattern.
      ...["--literal-pathspecs", "blame", "--porcelain", "--ignore-revs-file="],
      ...["--encoding=UTF-8", "--no-textconv", "--no-progress", ...lines],
      ...(commit === undefined ? [] : [commit]),
      ...["--", file],
    ],
    signal,
  );
}

/** Ranges for git; none, which is the whole file, when there are more than a command line should take. */
function linesOf(wanted: readonly LineRange[]): readonly string[] {
  const distinct = new Set(wanted.map(({ firstLine, lastLine }) => `-L${firstLine},${lastLine}`));
  return distinct.size > 500 ? [] : [...distinct];
}

async function notInHead(
  repository: string,
  { folder }: Repository,
  file: string,
  signal: AbortSignal,
): Promise<Origin> {
  const path = join(repository, file);
  const exists = await lstat(path).then(
    () => true,
    () => false,
  );
  if (!exists) return unknown(`there is no ${file}`);
  const committed = ["rev-parse", "--verify", "--quiet", `HEAD:./${file}`];
  if ((await runGit(repository, committed, signal)).kind === "said")
    return unknown(`git has ${file}, but cannot say who wrote it: see what git blame says`);
  const around = await readRepository(dirname(path), signal);
  const expected = join(folder, dirname(file), "/");
  return around?.folder === expected
    ? { kind: "uncommitted" }
    : unknown(`${file} belongs to another repository, a submodule`);
}

function newestOf(
  blamed: Blame,
  { firstLine, lastLine }: LineRange,
  shallow: Repository["shallow"],
): Origin {
  let newest: Author | undefined;
  for (const author of blamed.slice(firstLine, lastLine + 1)) {
    if (author === undefined) continue;
    if (isUncommitted(author)) return { kind: "uncommitted" };
    if (newest === undefined || author.committed >= newest.committed) newest = author;
  }
  if (newest === undefined) return unknown("git has no such line");
  const { committed: _, ...authorship } = newest;
  if (shallow.has(authorship.commit))
    return unknown(
      `the clone is shallow: its history ends at ${authorship.commit.slice(0, 12)} of ${authorship.date.slice(0, 10)}, where the lines were written or before; run git fetch --unshallow`,
    );
  return { kind: "commit", authorship };
}

/** Git's name for the folder as it lies. */
function isUncommitted({ commit }: Author): boolean {
  return /^0+$/.test(commit);
}

function unknown(why: string): Origin {
  return { kind: "unknown", why };
}
