/** What bounds one compilation's evaluation. Far above what definitions need, far below what hurts. */
export const budget = {
  /** Expressions evaluated and elements copied, in all files together. */
  steps: 5_000_000,
  /** More of them for each file, so that no number of sound files is too many. */
  stepsPerFile: 2_000,
  /** Expressions inside expressions, calls inside calls. The interpreter's own stack must hold it. */
  depth: 400,
  /** UTF-16 units of one text. */
  text: 1_000_000,
  /** Elements of one list, fields of one object. */
  items: 100_000,
  /** Parts of one value as it is written out, shared ones counted each time. */
  written: 1_000_000,
  /** Arguments of one call: JavaScript's own stack must hold them. */
  args: 50_000,
} as const;
