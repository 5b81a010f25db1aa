/** Bytes `start` to `end`, both inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a `Range` header asks for of `size` bytes (RFC 9110, section 14.1.2).
 * `whole` when there is none or it is not understood, which a server may ignore; `outside` when nothing of it exists.
 * Several ranges at once are answered with the whole, as the RFC allows.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | "whole" | "outside" {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return "whole";
  if (from === "") {
    const length = Math.min(Number(to), size);
    return length === 0 ? "outside" : { start: size - length, end: size - 1 };
  }
  const start = Number(from);
  const end = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < start) return "whole";
  return start >= size ? "outside" : { start, end };
}
