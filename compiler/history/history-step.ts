import type { Kind } from "@millwright/schema";
import type { CommitSaid } from "./commit-object.ts";
import type { State, Why } from "./definition-state.ts";
import { type Difference, differencesBetween } from "./differences.ts";

/** Something that happened to a definition. */
export interface ChangeStep extends Change {
  /** Absent: it is not committed yet. */
  readonly commit?: CommitSaid;
  /** It may have happened at a commit before, which cannot be read. */
  readonly orBefore?: true;
  /** Where it was added: the definition of the same value that went. */
  readonly renamedFrom?: string;
}

/** One commit, or a stretch of them, at which nobody can tell what the definition was. */
export interface UnreadableStep {
  readonly kind: "unreadable";
  /** The newest; absent: the folder as it lies. */
  readonly commit?: CommitSaid;
  /** How many there are, as far as was looked. */
  readonly commits: number;
  /** The id of the oldest. */
  readonly oldest?: string;
  /** What is wrong with the newest. */
  readonly why: Why;
}

export type HistoryStep = ChangeStep | UnreadableStep;

/** What differs between two commits. */
export interface Change {
  /** `moved`: to another file, its value the same. `earliest`: nobody can tell what was before. */
  readonly kind: "added" | "changed" | "removed" | "moved" | "earliest";
  /** The kind of the definition. */
  readonly of: Kind;
  /** Where it stands; where it stood, when it was removed. */
  readonly file: string;
  readonly movedFrom?: string;
  /** All values where it was added; none where it was removed. */
  readonly changes: readonly Difference[];
}

/** What happened to each kind that has the name. */
export function changesBetween(
  before: readonly State[],
  after: readonly State[],
): readonly Change[] {
  const kinds = new Set([...before, ...after].map(({ kind }) => kind));
  return [...kinds].flatMap((kind) => {
    const [was, is] = [before, after].map((states) => states.find((state) => state.kind === kind));
    return changeBetween(kind, was, is) ?? [];
  });
}

/** Whether nothing but the place differs. */
export function isSameValue(changes: readonly Change[]): boolean {
  return changes.every(({ kind }) => kind === "moved");
}

function changeBetween(
  of: Kind,
  was: State | undefined,
  is: State | undefined,
): Change | undefined {
  if (is === undefined) return was && { kind: "removed", of, file: was.file, changes: [] };
  const { file } = is;
  if (was === undefined) return { kind: "added", of, file, changes: valuesOf(is) };
  const changes = differencesBetween(was.value, is.value);
  const moved = was.file === file ? {} : { movedFrom: was.file };
  if (changes.length > 0) return { kind: "changed", of, file, ...moved, changes };
  return was.file === file ? undefined : { kind: "moved", of, file, ...moved, changes };
}

/** Without what says which definition it is. */
function valuesOf({ value }: State): readonly Difference[] {
  return differencesBetween(undefined, value).filter(
    ({ path }) => path !== "kind" && path !== "name",
  );
}
