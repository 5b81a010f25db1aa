/** Whether version `a` (three numbers) comes after `b`. What is no version comes before every one. */
export function isNewer(a: string, b: string): boolean {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  if (left === undefined || right === undefined) return right === undefined && left !== undefined;
  const at = left.findIndex((number, index) => number !== right[index]);
  return at >= 0 && (left[at] ?? 0) > (right[at] ?? 0);
}

export function isVersion(text: unknown): text is string {
  return typeof text === "string" && numbersOf(text) !== undefined;
}

function numbersOf(text: string): readonly number[] | undefined {
  return /^\d{1,6}\.\d{1,6}\.\d{1,6}$/.test(text) ? text.split(".").map(Number) : undefined;
}
