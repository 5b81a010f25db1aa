/** Markup that is safe to send: whatever was put into it is escaped. Made by `html` alone. */
export interface Html {
  readonly markup: string;
}

export type Inlay = string | number | Html | readonly Html[] | undefined | null | false;

/** A piece of a page. Values are escaped, pieces are not escaped again; `undefined`, `null` and `false` show nothing. */
export function html(texts: TemplateStringsArray, ...inlays: readonly Inlay[]): Html {
  return { markup: String.raw({ raw: texts }, ...inlays.map(markupOf)) };
}

function markupOf(inlay: Inlay): string {
  if (inlay === undefined || inlay === null || inlay === false) return "";
  if (typeof inlay === "string" || typeof inlay === "number") return escaped(String(inlay));
  return "markup" in inlay ? inlay.markup : inlay.map(({ markup }) => markup).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}
