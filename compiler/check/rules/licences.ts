import type { Diagnostic, Span } from "../../diagnostic/diagnostic.ts";
import type { Drafts } from "../draft.ts";
import { readLicence } from "../licence.ts";
import { spanInside } from "../located.ts";

/** A licence is an SPDX expression, so that it means the same to everybody; the fleet's list holds single ones. */
export function licences({ fleets, models, adapters }: Drafts): readonly Diagnostic[] {
  return [
    ...[...models, ...adapters].flatMap(({ value: { licence }, spanOf }) =>
      licence === undefined ? [] : problemsOf(licence, spanOf(["licence"])),
    ),
    ...fleets.flatMap(({ value, spanOf }) =>
      (value.licences ?? []).flatMap((licence, index) =>
        licence === undefined ? [] : problemsOf(licence, spanOf(["licences", index]), true),
      ),
    ),
  ];
}

function problemsOf(text: string, at: Span, alone = false): readonly Diagnostic[] {
  const read = readLicence(text);
  if ("slips" in read) {
    return read.slips.map(({ from, to, message, cure }) => ({
      code: "check/licence",
      severity: "error",
      message,
      at: spanInside(at, text, from, to),
      cure,
    }));
  }
  if (!alone || "license" in read.expression) return [];
  return [
    {
      code: "check/licence",
      severity: "error",
      message: `${text} is more than one licence; each entry allows one`,
      at,
      cure: "write each as an entry of its own",
    },
  ];
}
