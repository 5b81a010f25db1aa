/** What is compared, as it was named. */
export interface Sides {
  readonly base: string;
  /** Absent: the folder as it lies. */
  readonly head: string | undefined;
  /** Compare with the commit that both began from. */
  readonly mergeBase: boolean;
}

/** `A..B` and `A...B`, as git takes them. A colon or a brace begins what may hold dots of its own. */
const RANGE = /^([^:{}]*?)(\.\.\.?)([^:{}]*)$/;

/** Which two sides are meant; a text says what is wrong with the usage. */
export function sidesOf(
  first: string | undefined,
  second: string | undefined,
  { worktree = false, mergeBase = false }: { worktree?: boolean; mergeBase?: boolean },
): Sides | string {
  const [, from, dots, to] = RANGE.exec(first ?? "") ?? [];
  const isRange = dots !== undefined;
  if (isRange && second !== undefined) return "name one range, or two commits";
  if (worktree && (isRange || second !== undefined))
    return "--worktree stands for HEAD: name one commit, or leave it out";
  if (isRange)
    return { base: from || "HEAD", head: to || "HEAD", mergeBase: mergeBase || dots === "..." };
  const head = second ?? (first === undefined || worktree ? undefined : "HEAD");
  return { base: first ?? "HEAD", head, mergeBase };
}
