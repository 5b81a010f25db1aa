import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { digestOf, hexOf, parseJson, readerOf } from "@millwright/schema";
import Type from "typebox";
import type { ApplyLine, Counter } from "../bundle/bundle.ts";

const Wish = Type.Object({ folder: Type.String({ minLength: 1, maxLength: 4_096 }) });
const readWish = readerOf(Wish);
const MAX_BODY = 16_384;

export interface ApplyDoor {
  /** Who may read it in the state folder may ask. */
  readonly token: string;
  readonly apply: Counter;
}

/** `POST /apply`: JSON `{ folder }` in, lines of JSON out. */
export async function applyRoute(
  request: IncomingMessage,
  response: ServerResponse,
  { token, apply }: ApplyDoor,
  signal: AbortSignal,
): Promise<void> {
  const refuse = (code: number, words: string) => {
    response.writeHead(code, { "content-type": "text/plain", connection: "close" });
    response.end(words);
  };
  // Other users of this machine, and web pages in a browser on it: neither can read the token.
  const { authorization = "" } = request.headers;
  if (!isSame(authorization, `Bearer ${token}`)) return refuse(401, "Show the token.\n");
  const body = await bodyOf(request);
  const wish = readWish(parseJson(body ?? ""));
  if (!wish.ok) return refuse(400, "Send { folder } as JSON.\n");
  response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
  const tell = (line: ApplyLine) => {
    // Whoever asked may have gone: the bundle is taken to its end all the same.
    if (!response.writableEnded && !response.destroyed) response.write(`${JSON.stringify(line)}\n`);
  };
  tell(await apply(wish.value.folder, tell, signal));
  response.end();
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Digests have one length: the time says nothing of the token. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(hexOf(digestOf(one))), Buffer.from(hexOf(digestOf(other))));
}
