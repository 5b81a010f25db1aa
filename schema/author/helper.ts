/** `[0, 1, …, end - 1]`, or from `start` to `end - 1`. */
export function range(start: number, end?: number): number[] {
  const [from, to] = end === undefined ? [0, start] : [start, end];
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

/** So many gibibytes, in bytes. */
export function gib(amount: number): number {
  return amount * 1024 ** 3;
}

/** So many days, as a duration. */
export function days(amount: number): string {
  return `${amount}d`;
}
