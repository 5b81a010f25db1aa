/** Control characters of a hostile file must not reach a terminal, a log or a page. Keeps the length. */
export function visible(text: string): string {
  return text.replaceAll("\t", " ").replaceAll(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, "�");
}

/** A text of several lines, each of them made visible. */
export function visibleLines(text: string): readonly string[] {
  return text.split(/\r?\n/).map(visible);
}

/** At most so many UTF-16 units of a text, never half a character; what is left out is counted. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
  return `${kept}… (${(text.length - kept.length).toLocaleString("en")} more characters)`;
}

/** More of one message nobody reads, and a hostile name of megabytes must not be written once a diagnostic. */
export const LONGEST_MESSAGE = 4_000;
