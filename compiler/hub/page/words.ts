/** For people: `12 s ago`, `3 min ago`, `5 h ago`, `2 d ago`. */
export function ago(instant: number | null, now: number): string {
  if (instant === null) return "never";
  const seconds = Math.max(0, Math.round((now - instant) / 1000));
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}

/** The first `length` characters, with a sign that there is more. */
export function short(text: string, length: number): string {
  const points = [...text];
  return points.length <= length ? text : `${points.slice(0, length - 1).join("")}…`;
}
