let segmenter: Intl.Segmenter | undefined;

/** Unicode Standard Annex #11, East Asian Width W and F: what takes two cells of a terminal. Emoji come by their property. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u;

/** What takes none by itself. */
const empty = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** Cells of a terminal that a text takes, as far as terminals agree. Meant for single lines. */
export function widthOf(text: string): number {
  // Nearly every line: one cell a character.
  if (/^[\u0020-\u02ff]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text))
    width += empty.test(segment) ? 0 : wide.test(segment) ? 2 : 1;
  return width;
}

/** Exactly so many cells of a terminal: cut with `…` between characters, or filled with blanks. */
export function fitted(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text + " ".repeat(cells - widthOf(text));
  let kept = "";
  // A character of many marks takes few cells: what is looked at is bounded, too.
  for (const { segment } of graphemes(text.slice(0, cells * 8))) {
    if (widthOf(kept + segment) > cells - 1) break;
    kept += segment;
  }
  return `${kept}…${" ".repeat(cells - 1 - widthOf(kept))}`;
}

/** Made when first wanted: the first of a process takes 20 ms, and nearly no line needs it. */
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}
