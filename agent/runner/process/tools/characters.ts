/** What waits for the next character of a text that comes in pieces. `undefined` is the text's end. */
export type Reading<T> = Generator<undefined, T, string | undefined>;

/** The characters of a text, one after the other. */
export class Characters {
  /** What was taken since it was last emptied. */
  taken = "";
  #back: string | undefined;

  *next(): Reading<string | undefined> {
    const character = this.#back ?? (yield undefined);
    this.#back = undefined;
    if (character !== undefined) this.taken += character;
    return character;
  }

  /** The next one that is no white space. */
  *solid(): Reading<string | undefined> {
    for (;;) {
      const character = yield* this.next();
      if (character === undefined || character.trim() !== "") return character;
    }
  }

  /** It will be the next one again. */
  giveBack(character: string | undefined): void {
    if (character === undefined) return;
    this.#back = character;
    this.taken = this.taken.slice(0, -character.length);
  }
}
