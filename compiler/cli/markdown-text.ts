/** Characters of one text. */
const LONGEST = 300;
/** What is not seen, or turns what is: controls, directions, halves of characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * Text of the repository inside a comment. Nothing of it may be markup, a mention or a link: every character that could
 * begin one is written by its number, which both Markdown and HTML show and neither obeys. What forges make of the text
 * afterwards, mentions and links, they leave out inside `code` and `pre`: nothing may stand elsewhere.
 */
export function code(text: string): string {
  return `<code>${plain(text)}</code>`;
}

/** The same, for where `code` or `pre` is open already. */
export function plain(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return cut.replace(/[^A-Za-z0-9 -]/gu, (each) =>
    UNSEEN.test(each) ? "&#65533;" : `&#${each.codePointAt(0)};`,
  );
}
