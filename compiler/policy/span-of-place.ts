import type { Place } from "../cel/cel.ts";
import type { Found } from "../check/check.ts";
import { spanInside } from "../check/check.ts";
import type { Span } from "../diagnostic/diagnostic.ts";

/** A piece of a policy's expression in the file; all of the expression where the file spells it in another way. */
export function spanOfPlace(
  { value, spanOf }: Found<"policy">,
  part: "when" | "require",
  { from, to }: Place,
): Span {
  return spanInside(spanOf([part]), value[part] ?? "", from, to);
}
