import { inOrder } from "./order.ts";
import { type Files, linesIn, nowhere, type Range, rangeOf } from "./position.ts";
import { LONGEST_MESSAGE, shortened } from "./shortened.ts";
import type { Diagnostic } from "./stage.ts";

/** The form that other tools rely on (DESIGN, "Command line"). `file` is empty where the whole repository is meant. */
export interface JsonDiagnostic {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly file: string;
  readonly range: Range;
  readonly cure?: string;
  readonly also?: readonly {
    readonly message: string;
    readonly file: string;
    readonly range: Range;
  }[];
}

export function jsonOf(found: readonly Diagnostic[], files: Files): readonly JsonDiagnostic[] {
  const lines = linesIn(files);
  return inOrder(found).map(({ code, severity, message, at, cure, also }) => ({
    code,
    severity,
    message: shortened(message, LONGEST_MESSAGE),
    file: at?.file ?? "",
    range: at === undefined ? nowhere : rangeOf(at, lines(at.file)),
    ...(cure !== undefined && { cure: shortened(cure, LONGEST_MESSAGE) }),
    ...(also !== undefined && {
      also: also.map((other) => ({
        message: shortened(other.message, LONGEST_MESSAGE),
        file: other.at.file,
        range: rangeOf(other.at, lines(other.at.file)),
      })),
    }),
  }));
}
