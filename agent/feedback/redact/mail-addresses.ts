import type { Found } from "./found.ts";

const LOCAL = /[\p{L}\p{N}._%+'-]/u;
const DOMAIN = /[\p{L}\p{N}.-]/u;
/** Longer than any address may be (RFC 5321, section 4.5.3.1), so that none is cut in two. */
const REACH = 256;

/** Looks at each `@` and walks outwards: neither side can hold another `@`, so no character is read twice. */
export function* mailAddresses(text: string): Iterable<Found> {
  let free = 0;
  let at = text.indexOf("@");
  while (at >= 0) {
    const start = startOf(text, at, free);
    const end = endOf(text, at + 1);
    if (start < at && end !== undefined) {
      yield { start, end };
      free = end;
    }
    at = text.indexOf("@", Math.max(at + 1, free));
  }
}

function startOf(text: string, at: number, free: number): number {
  let start = at;
  const last = Math.max(free, at - REACH);
  while (start > last && LOCAL.test(text[start - 1] ?? "")) start -= 1;
  while (start < at && /[.'-]/.test(text[start] ?? "")) start += 1;
  return start;
}

/** Where the domain ends; `undefined` when it has no top-level domain. */
function endOf(text: string, start: number): number | undefined {
  let end = start;
  const last = Math.min(text.length, start + REACH);
  while (end < last && DOMAIN.test(text[end] ?? "")) end += 1;
  while (end > start && /[.-]/.test(text[end - 1] ?? "")) end -= 1;
  const labels = text.slice(start, end).split(".");
  const top = labels.at(-1) ?? "";
  const sound = labels.length > 1 && labels.every((label) => label !== "");
  return sound && /^\p{L}[\p{L}\p{N}-]+$/u.test(top) ? end : undefined;
}
