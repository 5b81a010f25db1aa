/**
 * Cuts a stream of bytes into lines, without their ends. `undefined` in place of one: no line is so long, the other end is
 * broken or hostile, and is to be hung up on.
 */
export function lineCutter(mostBytes: number): (chunk: Buffer) => readonly (Buffer | undefined)[] {
  let parts: Buffer[] = [];
  let size = 0;
  return (chunk) => {
    const lines: (Buffer | undefined)[] = [];
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      lines.push(Buffer.concat([...parts, rest.subarray(0, end)]));
      parts = [];
      size = 0;
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) parts.push(rest);
    size += rest.length;
    if (size > mostBytes) lines.push(undefined);
    return lines;
  };
}
