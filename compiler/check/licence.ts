/** Licences as SPDX writes them: read, put right, compared. */
import { closest, distance } from "fastest-levenshtein";
import exceptions from "spdx-exceptions/index.json" with { type: "json" };
import parse from "spdx-expression-parse";
import deprecated from "spdx-license-ids/deprecated.json" with { type: "json" };
import licences from "spdx-license-ids/index.json" with { type: "json" };

export type Expression = ReturnType<typeof parse>;
export type Licence = Extract<Expression, { license: string }>;

/** What is wrong with a piece of an expression, and what it should probably be. */
export interface Slip {
  readonly from: number;
  readonly to: number;
  readonly message: string;
  readonly cure: string;
}

const ofItsOwn = "for a licence of its own write LicenseRef- and a name";

/** The expression, or all that is no SPDX in it. */
export function readLicence(
  text: string,
): { readonly expression: Expression } | { readonly slips: readonly Slip[] } {
  const slips = slipsIn(text);
  if (slips.length > 0) return { slips };
  try {
    return { expression: parse(text) };
  } catch {
    // Each word is known, so it is their order; the parser's own words would name no place.
    const message = `${JSON.stringify(text)} is no SPDX expression: its words are known, their order means nothing`;
    const cure = "join licences with AND or OR, add an exception after WITH, close every (";
    return { slips: [{ from: 0, to: text.length, message, cure }] };
  }
}

const known = new Set([...licences, ...deprecated, ...exceptions]);

/** The parser knows no places, so words are looked up first. */
function slipsIn(text: string): readonly Slip[] {
  const words = [...text.matchAll(/[()+]|[^\s()+]+/g)];
  // People write one licence in several words: `Apache License 2.0`.
  if (words.length > 1 && !words.some(([word]) => isOperator(word)) && meantOrNew(text, words))
    return [slip("licence", text, 0)];
  return words.flatMap(({ 0: word, index }, place): Slip[] => {
    const isKnown =
      isOperator(word) ||
      /^(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+$/.test(word) ||
      known.has(word);
    const what = /^WITH$/i.test(words[place - 1]?.[0] ?? "") ? "exception" : "licence";
    return isKnown ? [] : [slip(what, word, index)];
  });
}

function isOperator(word: string): boolean {
  return /^([()+]|AND|OR|WITH)$/i.test(word);
}

/** Whether words that nothing joins are together one licence, or none at all. */
function meantOrNew(text: string, words: readonly (readonly string[])[]): boolean {
  return sameAs(text) !== undefined || !words.some(([word = ""]) => known.has(word));
}

function slip(what: "licence" | "exception", text: string, from: number): Slip {
  const best = meant(text);
  const shown = text.slice(0, 60);
  return {
    from,
    to: from + text.length,
    message: `SPDX lists no ${what} ${/\s/.test(shown) ? JSON.stringify(shown) : shown}`,
    cure:
      best === undefined
        ? `write one of https://spdx.org/licenses; ${ofItsOwn}`
        : `did you mean ${best}? Otherwise ${ofItsOwn}`,
  };
}

/** The later version first, where two are as near. */
const suggested = [...licences, ...exceptions].sort((a, b) => (a < b ? 1 : -1));
const bares = suggested.map(bareOf);

function meant(word: string): string | undefined {
  const bare = bareOf(word);
  if (bare === "" || word.length > 60) return undefined;
  const same = sameAs(word);
  if (same !== undefined) return same;
  if (bare.length < 4) return undefined;
  const best = closest(bare, bares);
  return distance(bare, best) <= Math.floor(bare.length / 3)
    ? suggested[bares.indexOf(best)]
    : undefined;
}

/** The licence that somebody wrote in other letters. */
function sameAs(text: string): string | undefined {
  const bare = bareOf(text);
  return bare === "" ? undefined : suggested[bares.indexOf(bare)];
}

/** What is left when people write licences by heart: `Apache License, Version 2` and `Apache-2.0` are the same. */
function bareOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/licen[cs]e|version|-only$/g, "")
    .replace(/\bv(?=\d)|(?<=[a-z])v(?=\d)|\.0(?!\d)/g, "")
    .replace(/[^a-z0-9]/g, "");
}

export function showLicence({ license, plus, exception }: Licence): string {
  return `${license}${plus ? "+" : ""}${exception === undefined ? "" : ` WITH ${exception}`}`;
}

/** The licences that stand in the way: none where one side of each OR, and both of each AND, are allowed. */
export function notAllowed(
  expression: Expression,
  allowed: readonly Licence[],
): readonly Licence[] {
  if ("license" in expression)
    return allowed.some((each) => overlap(expression, each)) ? [] : [expression];
  const [left, right] = [
    notAllowed(expression.left, allowed),
    notAllowed(expression.right, allowed),
  ];
  if (expression.conjunction === "or" && (left.length === 0 || right.length === 0)) return [];
  return [...left, ...right];
}

/** Whether some version is both: `GPL-2.0-or-later` may be taken as GPL-3.0. An exception is part of the licence. */
function overlap(a: Licence, b: Licence): boolean {
  if (a.exception !== b.exception) return false;
  const [one, other] = [versionsOf(a), versionsOf(b)];
  if (one.family !== other.family) return false;
  const order = compare(one.from, other.from);
  return order === 0 || (order < 0 ? one.later : other.later);
}

interface Versions {
  readonly family: string;
  readonly from: readonly number[];
  readonly later: boolean;
}

function versionsOf({ license, plus }: Licence): Versions {
  const [, family, version, rest = ""] =
    /^(?!LicenseRef-|DocumentRef-)(.+)-(\d+(?:\.\d+)+)(-.*)?$/.exec(license) ?? [];
  if (family === undefined || version === undefined)
    return { family: license, from: [], later: false };
  return {
    family: family + rest.replace(/-(only|or-later)$/, ""),
    from: version.split(".").map(Number),
    later: plus === true || rest.endsWith("-or-later"),
  };
}

function compare(a: readonly number[], b: readonly number[]): number {
  const places = Array.from({ length: Math.max(a.length, b.length) }, (_, index) => index);
  const place = places.find((index) => (a[index] ?? 0) !== (b[index] ?? 0));
  return place === undefined ? 0 : (a[place] ?? 0) - (b[place] ?? 0);
}
