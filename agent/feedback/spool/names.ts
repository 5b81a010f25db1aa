/**
 * The files of one epoch: the live one, `<first>.jsonl`; sealed ones, `<first>-<last>.jsonl.gz`; and those of them that
 * the hub will not have, with `.refused` behind.
 */
const DIGITS = 16;
const REFUSED = ".refused";

export function liveName(first: number): string {
  return `${padded(first)}.jsonl`;
}

export function sealedName(first: number, last: number): string {
  return `${padded(first)}-${padded(last)}.jsonl.gz`;
}

export function parseLiveName(name: string): number | undefined {
  const [, first] = /^(\d{16})\.jsonl$/.exec(name) ?? [];
  return first === undefined ? undefined : Number(first);
}

export function parseSealedName(
  name: string,
): { readonly first: number; readonly last: number } | undefined {
  const [, first, last] = /^(\d{16})-(\d{16})\.jsonl\.gz$/.exec(name) ?? [];
  return first === undefined || last === undefined
    ? undefined
    : { first: Number(first), last: Number(last) };
}

export function refusedName(sealed: string): string {
  return `${sealed}${REFUSED}`;
}

export function isRefusedName(name: string): boolean {
  return name.endsWith(REFUSED) && parseSealedName(askedAgainName(name)) !== undefined;
}

export function askedAgainName(refused: string): string {
  return refused.slice(0, -REFUSED.length);
}

export function isEpoch(name: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name);
}

function padded(seq: number): string {
  return String(seq).padStart(DIGITS, "0");
}
