/** How a family of models writes that it calls functions. */
export interface ToolFormat {
  readonly name: string;
  /** Whether models with this chat template write so. */
  speaks(template: string): boolean;
  /** What calls begin with. */
  readonly opens: readonly string[];
  /** What may stand after a call and says nothing. */
  readonly closes: readonly string[];
  /** A call may also be the whole answer, without a mark. */
  readonly bare?: true;
  /** Between the name and the arguments of a call that is not one JSON object. */
  readonly separator?: string;
  readonly written: Written;
}

/** Calls as these models were taught to write them; what is read is read with more patience. */
export interface Written {
  readonly open: string;
  /** Around all calls of an answer, where they are one list. */
  readonly list?: { readonly open: string; readonly between: string; readonly close: string };
  /** What stands before and after the arguments of one call. */
  call(name: string): readonly [before: string, after: string];
  readonly close: string;
  /** Between one call and the next one's `open`. */
  readonly between: string;
}
