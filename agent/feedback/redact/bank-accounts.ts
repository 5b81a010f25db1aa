import type { Found } from "./found.ts";

/** Country and length of its account numbers (IBAN registry, release 99). */
const registry =
  "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 " +
  "FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 " +
  "LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 " +
  "RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";
const lengths = new Map(
  registry.split(" ").map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

const START = /(?<![\p{L}\p{N}])[A-Za-z]{2}\d{2}/gu;

/** Account numbers of the registered countries whose check digits are right, with or without spaces. */
export function* bankAccounts(text: string): Iterable<Found> {
  let free = 0;
  for (const { index, 0: head } of text.matchAll(START)) {
    const length = lengths.get(head.slice(0, 2).toUpperCase());
    if (length === undefined || index < free) continue;
    let number = "";
    let end = index;
    while (number.length < length && end < text.length) {
      const character = text[end] ?? "";
      if (/[A-Za-z0-9]/.test(character)) number += character;
      // One space or hyphen between groups; anything else ends the number.
      else if (!/[ \u00a0-]/.test(character) || !/[A-Za-z0-9]/.test(text[end - 1] ?? "")) break;
      end += 1;
    }
    const whole = number.length === length && !/[\p{L}\p{N}]/u.test(text[end] ?? "");
    if (!whole || !hasRightCheckDigits(number)) continue;
    yield { start: index, end };
    free = end;
  }
}

/** ISO 7064, MOD 97-10. */
function hasRightCheckDigits(number: string): boolean {
  let rest = 0;
  for (const character of number.slice(4) + number.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
