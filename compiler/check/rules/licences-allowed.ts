import { type Diagnostic, listed, type Span } from "../../diagnostic/diagnostic.ts";
import type { Draft, Drafts } from "../draft.ts";
import { type Licence, notAllowed, readLicence, showLicence } from "../licence.ts";
import { spanInside } from "../located.ts";

/** Where the fleet says which licences it allows, every model and adapter is under one of these. */
export function licencesAllowed({ fleets, models, adapters }: Drafts): readonly Diagnostic[] {
  const [fleet, ...others] = fleets;
  // Which of two lists counts, or what one that is broken allows, nobody knows.
  if (fleet?.sound === undefined || others.length > 0) return [];
  const { licences } = fleet.sound.value;
  const allowed = (licences ?? []).map(readSingle);
  if (licences === undefined || !allowed.every((each) => each !== undefined)) return [];
  return [...models, ...adapters].flatMap((draft) => {
    const { licence } = draft.value;
    if (licence === undefined)
      // Of a definition that is broken nobody can tell: the field may be the misspelt one.
      return draft.sound === undefined ? [] : [withoutLicence(draft, fleet, licences)];
    const read = readLicence(licence);
    const missing = "slips" in read ? [] : notAllowed(read.expression, allowed).map(showLicence);
    return missing.length === 0 ? [] : [forbidden(draft, licence, missing, fleet, licences)];
  });
}

function readSingle(text: string): Licence | undefined {
  const read = readLicence(text);
  return "slips" in read || !("license" in read.expression) ? undefined : read.expression;
}

type Licensed = Draft<"model"> | Draft<"adapter">;

function withoutLicence(
  { kind, name, at }: Licensed,
  fleet: Draft<"fleet">,
  allowed: readonly string[],
): Diagnostic {
  return {
    code: "check/licence-not-allowed",
    severity: "error",
    message: `the ${kind} ${name} says no licence; ${fleet.name} allows ${listed(allowed)}`,
    at,
    cure: `add licence: what its publisher says, such as ${JSON.stringify(allowed[0])}`,
    also: [{ message: "what is allowed", at: fleet.spanOf(["licences"]) }],
  };
}

function forbidden(
  { kind, name, spanOf }: Licensed,
  text: string,
  missing: readonly string[],
  fleet: Draft<"fleet">,
  allowed: readonly string[],
): Diagnostic {
  return {
    code: "check/licence-not-allowed",
    severity: "error",
    message: `the ${kind} ${name} is under ${listed(missing)}; ${fleet.name} allows ${listed(allowed)}`,
    at: inWay(spanOf(["licence"]), text, missing),
    cure: `choose another ${kind}, or add ${missing.length === 1 ? missing[0] : "these"} to the fleet's licences`,
    also: [{ message: "what is allowed", at: fleet.spanOf(["licences"]) }],
  };
}

/** From the first licence that stands in the way to the last. */
function inWay(at: Span, text: string, missing: readonly string[]): Span {
  const starts = missing.map((each) => text.indexOf(each)).filter((start) => start >= 0);
  if (starts.length < missing.length) return at;
  const ends = missing.map((each) => text.lastIndexOf(each) + each.length);
  return spanInside(at, text, Math.min(...starts), Math.max(...ends));
}
