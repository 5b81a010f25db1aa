import type { Readable, Writable } from "node:stream";

/** One message of JSON-RPC 2.0: a request, or an answer. */
export type Message = Readonly<Record<string, unknown>>;

/** Writes a message as the Language Server Protocol frames it: its length, an empty line, JSON. */
export function writeMessage(stream: Writable, message: Message): void {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  stream.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** Messages as they come in. Throws RangeError when one is longer than `most` bytes. */
export async function* readMessages(stream: Readable, most: number): AsyncGenerator<Message> {
  let chunks: Buffer[] = [];
  let held = 0;
  // How much must be there before it is worth looking again: a long message is not put together with each chunk.
  let wanted = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    held += chunk.length;
    if (held < wanted) continue;
    let rest = Buffer.concat(chunks);
    for (;;) {
      const head = rest.indexOf("\r\n\r\n");
      const length = head < 0 ? undefined : lengthIn(rest.toString("latin1", 0, head));
      const start = head + 4;
      wanted = length === undefined ? 0 : start + length;
      if (wanted > most) throw new RangeError("a message is too long");
      if (length === undefined || rest.length < wanted) break;
      yield JSON.parse(rest.toString("utf8", start, wanted)) as Message;
      rest = rest.subarray(wanted);
    }
    chunks = [rest];
    held = rest.length;
  }
}

function lengthIn(header: string): number {
  const [, length] = /^Content-Length: (\d+)$/im.exec(header) ?? [];
  if (length === undefined)
    throw new Error(`impossible: a message of tsc without length: ${header}`);
  return Number(length);
}
