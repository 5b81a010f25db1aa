const escapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
};

/** A path as git writes it: in quotes and with escapes of C when it holds anything unusual. */
export function parseQuotedPath(text: string): string {
  const [, quoted] = /^"(.*)"$/s.exec(text) ?? [];
  if (quoted === undefined) return text;
  const bytes: Buffer[] = [];
  for (const [part, octal, letter] of quoted.matchAll(/\\([0-7]{3})|\\(.)|[^\\]+/gs)) {
    if (octal !== undefined) bytes.push(Buffer.from([Number.parseInt(octal, 8)]));
    else if (letter === undefined) bytes.push(Buffer.from(part));
    else bytes.push(Buffer.from([escapes[letter] ?? letter.charCodeAt(0)]));
  }
  return Buffer.concat(bytes).toString("utf8");
}
