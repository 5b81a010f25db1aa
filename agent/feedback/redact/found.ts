/** A part of a text, from its first character to the one after its last. */
export interface Found {
  readonly start: number;
  readonly end: number;
}

/** Finds one kind of thing, in order and without overlap. Takes time in proportion to the text, whatever it holds. */
export type Finder = (text: string) => Iterable<Found>;
