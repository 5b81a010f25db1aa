/** Steps that may be spent on one distance: some tens of milliseconds. */
const MAX_STEPS = 10_000_000;
const MAX_LENGTH = 10_000;

export interface Edits {
  /** Levenshtein distance in code points. */
  readonly editDistance: number;
  /** Its share of the longer text. */
  readonly editRatio: number;
}

/** How much was changed; `undefined` when the texts are too long to tell while others wait for their answers. */
export function editsBetween(before: string, after: string): Edits | undefined {
  const from = [...before];
  const to = [...after];
  const longer = Math.max(from.length, to.length);
  if (longer > MAX_LENGTH) return undefined;
  // A correction mostly keeps the head and the tail of what it corrects.
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start += 1;
  let tail = 0;
  const shorter = Math.min(from.length, to.length) - start;
  while (tail < shorter && from[from.length - 1 - tail] === to[to.length - 1 - tail]) tail += 1;
  const left = from.slice(start, from.length - tail);
  const right = to.slice(start, to.length - tail);
  if (left.length * right.length > MAX_STEPS) return undefined;
  const editDistance = distance(left, right);
  return { editDistance, editRatio: longer === 0 ? 0 : editDistance / longer };
}

function distance(left: readonly string[], right: readonly string[]): number {
  let row = Uint32Array.from({ length: right.length + 1 }, (_, index) => index);
  let next = new Uint32Array(right.length + 1);
  for (const [index, character] of left.entries()) {
    next[0] = index + 1;
    for (let column = 1; column <= right.length; column += 1) {
      const same = character === right[column - 1] ? 0 : 1;
      const replaced = (row[column - 1] ?? 0) + same;
      next[column] = Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1);
    }
    [row, next] = [next, row];
  }
  return row[right.length] ?? 0;
}
