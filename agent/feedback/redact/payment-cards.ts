import type { Found } from "./found.ts";

/** Written together, or in groups of which the first has four digits. */
const START = /(?<![\p{L}\p{N}_])(?=\d{4}[ \u00a0-]\d|\d{13})/gu;
const LONGEST = 19;

/** Numbers that an issuer of cards gives out, by their first digits and lengths (ISO/IEC 7812). */
const issued =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|35\d{14}|(?:5[06-9]|6)\d{15,18})$/;

/** Card numbers with the right check digit, written together or in groups. */
export function* paymentCards(text: string): Iterable<Found> {
  let free = 0;
  for (const { index } of text.matchAll(START)) {
    if (index < free) continue;
    const end = endOf(text, index);
    if (end === undefined) continue;
    yield { start: index, end };
    free = end;
  }
}

function endOf(text: string, start: number): number | undefined {
  let digits = "";
  let best: number | undefined;
  for (let end = start; end < text.length && digits.length <= LONGEST; end += 1) {
    const character = text[end] ?? "";
    if (/\d/.test(character)) {
      digits += character;
      const complete = digits.length >= 13 && !/[\p{L}\p{N}]/u.test(text[end + 1] ?? "");
      if (complete && issued.test(digits) && hasRightCheckDigit(digits)) best = end + 1;
    } else if (!/[ \u00a0-]/.test(character) || !/\d/.test(text[end - 1] ?? "")) {
      break;
    }
  }
  return best;
}

/** Luhn (ISO/IEC 7812-1, annex B). */
function hasRightCheckDigit(digits: string): boolean {
  let sum = 0;
  for (const [index, character] of [...digits].toReversed().entries()) {
    const value = Number(character) * (index % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}
