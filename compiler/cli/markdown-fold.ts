/** What is said where there is no room for all. */
const REST = "more: <code>millwright diff --json</code> has it all";

/** How the items of a fold are written: as a list, or as lines of their own width. */
const forms = {
  list: { open: "<ul>\n", close: "</ul>\n", item: (text: string) => `<li>${text}</li>\n` },
  lines: { open: "<pre>\n", close: "</pre>\n", item: (text: string) => `${text}\n` },
} as const;

/**
 * Items under a title, folded: as many as there are bytes for. What is not whole is not there, so no fold is left open.
 * Without items, or room for any of them, the text is empty.
 */
export function fold(
  title: string,
  items: readonly string[],
  room: number,
  form: keyof typeof forms = "list",
): string {
  const { open, close, item } = forms[form];
  const begin = `\n<details><summary>${title}</summary>\n${open}`;
  const taken = fitting(
    items.map(item),
    room - bytesOf(`${begin}${close}${END}`) - REST.length - 20,
  );
  if (taken.length === 0) return "";
  const rest = items.length - taken.length;
  const more = rest > 0 ? `${rest} ${REST}\n` : "";
  return `${begin}${taken.join("")}${close}${more}${END}`;
}

const END = "</details>\n";

/** The first of some texts, as many as there are bytes for. */
export function fitting(texts: readonly string[], room: number): readonly string[] {
  let left = room;
  const end = texts.findIndex((text) => {
    left -= bytesOf(text);
    return left < 0;
  });
  return end < 0 ? texts : texts.slice(0, end);
}

export function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
