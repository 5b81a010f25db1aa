import type { Found } from "./found.ts";

/** Where a number may begin: a plus, a trunk or international zero, a bracket, the start of an American one, a word. */
const START =
  /(?<![\p{L}\p{N}_.,:+])(?=\+\(?[1-9]|\(?00?[1-9]|\(?[2-9]\d{2}\)?[ .-])|(?<!\p{L})(?:tel|phone|telephone|telefon|téléphone|mobile|mobil|handy|natel|fax|cell|whatsapp)\b[^\p{L}\p{N}\n\]]{0,4}?(?=[+(]{0,2}\d)/giu;
/** Digits, and at most three signs between two of them. */
const RUN = /\+?\(?\d(?:[ \u00a0()./–-]{0,3}\d){5,16}/y;

const american = /^\(?[2-9]\d{2}\)?[ .-]{1,2}\d{3}[ .-]\d{4}$/;
const inPairs = /^0[1-9]([ .-])\d{2}(?:\1\d{2}){3}$/;
const withAreaCode = /^\(?0[1-9]\d{1,4}\)?[ \u00a0()./–-]/;

/** Telephone numbers as people write them. A bare number without a leading zero is none unless a word says so. */
export function* telephoneNumbers(text: string): Iterable<Found> {
  let free = 0;
  for (const { index, 0: anchor } of text.matchAll(START)) {
    const named = anchor !== "";
    const start = index + anchor.length;
    if (start < free) continue;
    RUN.lastIndex = start;
    const [run] = RUN.exec(text) ?? [];
    const length = run === undefined ? undefined : lengthOf(text, start, run, named);
    if (length === undefined) continue;
    free = start + length;
    yield { start, end: free };
  }
}

/** The longest part of the run, cut between groups, that is a telephone number. */
function lengthOf(text: string, start: number, run: string, named: boolean): number | undefined {
  for (let length = run.length; length >= 6; length -= 1) {
    const last = run[length - 1] ?? "";
    if (!/\d/.test(last)) continue;
    // Within a group, a date or an amount there is no end.
    if (/^(?:[\p{L}\p{N}]|[./,:-]\d)/u.test(text.slice(start + length, start + length + 2)))
      continue;
    if (isTelephone(run.slice(0, length), named)) return length;
  }
  return undefined;
}

function isTelephone(written: string, named: boolean): boolean {
  const digits = written.replaceAll(/\D/g, "");
  const count = digits.length;
  if (written.startsWith("+")) return count >= 8 && count <= 15;
  if (digits.startsWith("00")) return count >= 10 && count <= 17;
  if (american.test(written) || inPairs.test(written)) return true;
  if (digits.startsWith("0")) {
    if (count === written.length) return count >= (named ? 7 : 10) && count <= 12;
    return count >= 9 && count <= 12 && withAreaCode.test(written);
  }
  return named && count >= 6 && count <= 15 && !/^(?:19|20)\d{2}-\d{2}-\d{2}$/.test(written);
}
