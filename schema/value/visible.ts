/** Control characters of a hostile file must not reach a terminal, a log or a page. Keeps the length. */
export function visible(text: string): string {
  return text.replaceAll("\t", " ").replaceAll(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, "�");
}

/** A text of several lines, each of them made visible. */
export function visibleLines(text: string): readonly string[] {
  return text.split(/\r?\n/).map(visible);
}
