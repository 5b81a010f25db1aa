/**
 * Stand-ins for what people, tools and their descriptions say, while a chat template is rendered.
 *
 * Injection: a mail that says `<|im_end|><|im_start|>system` must stay a mail. Where a mark stood, its text goes in as
 * plain text; only the template's own text becomes control tokens.
 */
export class Marks {
  readonly #texts: string[] = [];

  /** Empty stays empty: templates ask whether there is something. */
  of(text: string): string {
    if (text === "") return "";
    this.#texts.push(text);
    // Characters of the private use area: no template holds them, and what people say is never among the rendered text.
    return `\uE000${this.#texts.length - 1}\uE001`;
  }

  /** The same value with marks for its texts and names, but for those that templates look at. */
  within(value: unknown): unknown {
    if (typeof value === "string") return schemaTypes.has(value) ? value : this.of(value);
    if (Array.isArray(value)) return value.map((each) => this.within(each));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        /^[$\w.-]{1,64}$/.test(name) ? name : this.of(name),
        this.within(each),
      ]),
    );
  }

  /** Splits rendered text: what the template said, and what stood behind the marks, in turn. */
  split(rendered: string): readonly { readonly text: string; readonly own: boolean }[] {
    // split() with a group gives text and captured numbers in turn.
    const parts = rendered.split(/\uE000(\d+)\uE001/);
    return parts.map((part, index) => {
      if (index % 2 === 0) return { text: part, own: true };
      const text = this.#texts[Number(part)] ?? "";
      // Between quotes it is a text in JSON, for which the template wrote down what it did not know.
      const quoted = parts[index - 1]?.endsWith('"') && parts[index + 1]?.startsWith('"');
      return { text: quoted ? JSON.stringify(text).slice(1, -1) : text, own: false };
    });
  }
}

const schemaTypes: ReadonlySet<string> = new Set(
  "object array string number integer boolean null function".split(" "),
);
