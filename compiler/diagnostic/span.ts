/** A stretch of one file: offsets in UTF-16 units from its start. Lines and columns are computed only when shown. */
export interface Span {
  /** Path inside the repository, with `/`. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
}
