/** At most so many UTF-16 units of a text, never half a character; what is left out is counted. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
  return `${kept}… (${(text.length - kept.length).toLocaleString("en")} more characters)`;
}

/** More of one message nobody reads, and a hostile name of megabytes must not be written once a diagnostic. */
export const LONGEST_MESSAGE = 4_000;
