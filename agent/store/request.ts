import { Failure } from "../life/life.ts";
import type { Wish } from "./source.ts";

/** The bytes of a source, as they come. */
export interface Chunks {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Where they begin: not always where they were asked to. */
  readonly start: number;
  /** What the source calls this version of the file. */
  readonly etag?: string | undefined;
}

export interface Address {
  readonly url: string;
  /** For people. */
  readonly name: string;
  /** A fresh one for each question: a token opens once. */
  readonly token?: () => Promise<string>;
}

const REDIRECTS = 5;

/**
 * Asks for the bytes from a place on (RFC 9110, sections 13.1.5 and 14.2). A server that knows no such place, or another
 * one than it was asked for, is asked for the whole.
 */
export async function request(
  address: Address,
  { at, size, etag }: Wish,
  signal: AbortSignal,
): Promise<Chunks> {
  const ranged = {
    range: `bytes=${at}-`,
    // A weak tag may stand for other bytes.
    ...(etag !== undefined && !etag.startsWith("W/") && { "if-range": etag }),
  };
  const first = await answerOf(address, at > 0 ? ranged : {}, signal);
  if (first.status !== 416 && (first.status !== 206 || startOf(first) === at))
    return chunksOf(first, at, size, address);
  await first.body?.cancel();
  return chunksOf(await answerOf(address, {}, signal), 0, size, address);
}

async function answerOf(
  { url: from, name, token }: Address,
  wanted: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  const headers = {
    ...wanted,
    ...(token !== undefined && { authorization: `Bearer ${await token()}` }),
    // Compressed, the ranges would be of other bytes, and a small answer could grow without end.
    "accept-encoding": "identity",
  };
  let url = from;
  for (let hop = 0; hop <= REDIRECTS; hop += 1) {
    // Whoever throws for such an address says it whole, with the password.
    if (hasPassword(url))
      throw new Failure(
        "store/bad-source",
        `${name} comes with a user or password in its address, which is not sent. Let the source take requests without them, or with a signature in the query.`,
      );
    const response = await fetch(url, { headers, redirect: "manual", signal });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    const next = URL.parse(location, url);
    // Downgrade: a redirect must not lead out of TLS, nor carry a token elsewhere.
    if (next?.protocol !== "https:" || token !== undefined) {
      const where = next?.origin ?? "nowhere";
      throw new Failure("store/redirected", `${name} leads to ${where}, which is not followed.`);
    }
    url = next.href;
  }
  throw new Failure("store/redirected", `${name} redirects more than ${REDIRECTS} times.`);
}

function hasPassword(address: string): boolean {
  const { username = "", password = "" } = URL.parse(address) ?? {};
  return username !== "" || password !== "";
}

async function chunksOf(
  response: Response,
  at: number,
  size: number,
  { name }: Address,
): Promise<Chunks> {
  const { status, headers, body } = response;
  const start = status === 206 ? startOf(response) : 0;
  const total = totalOf(response);
  if (body === null || (status !== 200 && status !== 206)) {
    await body?.cancel();
    throw new Failure("store/not-served", `${name} answered ${status}.`);
  }
  if (status === 206 && start !== at) {
    await body.cancel();
    const what = "with bytes of another place than it was asked for";
    throw new Failure("store/not-served", `${name} answered ${what}.`);
  }
  // Another file under this name, and too short: found out before it has come. One that is too long is cut off.
  if (total !== undefined && total < size) {
    await body.cancel();
    throw new Failure("store/not-served", `${name} has ${total} bytes; the plan names ${size}.`);
  }
  return { bytes: body, start: start ?? 0, etag: tagOf(headers) };
}

function startOf({ headers }: Response): number | undefined {
  const start = /^bytes (\d{1,15})-/.exec(headers.get("content-range") ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

/** How long the server says that the whole file is. */
function totalOf({ status, headers }: Response): number | undefined {
  const total =
    status === 206
      ? /\/(\d{1,15})$/.exec(headers.get("content-range") ?? "")?.[1]
      : /^(\d{1,15})$/.exec(headers.get("content-length") ?? "")?.[1];
  return total === undefined ? undefined : Number(total);
}

function tagOf(headers: Headers): string | undefined {
  const tag = headers.get("etag");
  return tag === null || tag.length > 200 ? undefined : tag;
}
