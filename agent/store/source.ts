import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isLoopback } from "@millwright/schema";
import { Failure } from "../life/life.ts";

/** Where the hub's own blobs are, and the token that opens them. */
export interface HubDoor {
  readonly origin: string;
  token(): Promise<string>;
}

/** The bytes of a source, as they come. */
export interface Chunks {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** The source could not go on in the middle, and begins anew. */
  readonly restarts: boolean;
}

const REDIRECTS = 5;

/** Opens a source `at` so many bytes from its beginning. `hex` is what the hub is asked for. Throws Failure. */
export async function openSource(
  source: string,
  at: number,
  hex: string,
  hub: HubDoor | undefined,
  signal: AbortSignal,
): Promise<Chunks> {
  if (source.startsWith("file:///")) return readFrom(source, at, signal);
  if (source === "hub:") return askHub(hub, at, hex, signal);
  // The digest protects the bytes; TLS keeps to ourselves which ones we want.
  if (!source.startsWith("https://"))
    throw new Failure("store/bad-source", `${source} is neither hub:, file:/// nor https://.`);
  return request(source, at, {}, signal);
}

async function readFrom(source: string, at: number, signal: AbortSignal): Promise<Chunks> {
  const path = fileURLToPath(source);
  // A pipe or a device would block a thread for as long as it likes.
  if (!(await stat(path)).isFile()) throw new Failure("store/bad-source", `${path} is no file.`);
  return { bytes: createReadStream(path, { start: at, signal }), restarts: false };
}

async function askHub(
  hub: HubDoor | undefined,
  at: number,
  hex: string,
  signal: AbortSignal,
): Promise<Chunks> {
  if (hub === undefined)
    throw new Failure("store/no-hub", "The model is to come from the hub, and no hub is known.");
  const { protocol, hostname } = new URL(hub.origin);
  // Eavesdropping: the token would let anybody read what this host may read.
  if (protocol !== "https:" && !isLoopback(hostname))
    throw new Failure("store/insecure-hub", `${hub.origin} is not encrypted. Use wss:// hubs.`);
  const headers = { authorization: `Bearer ${await hub.token()}` };
  return request(`${hub.origin}/v1/blobs/sha256/${hex}`, at, headers, signal);
}

async function request(
  from: string,
  at: number,
  own: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Chunks> {
  const headers = {
    ...own,
    // Compressed, the ranges would be of other bytes, and a small answer could grow without end.
    "accept-encoding": "identity",
    ...(at > 0 && { range: `bytes=${at}-` }),
  };
  let url = from;
  for (let hop = 0; hop <= REDIRECTS; hop += 1) {
    const response = await fetch(url, { headers, redirect: "manual", signal });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null)
      return chunksOf(response, at, from);
    await response.body?.cancel();
    const next = URL.parse(location, url);
    // Downgrade: a redirect must not lead out of TLS, nor carry the hub's token elsewhere.
    if (next?.protocol !== "https:" || own["authorization"] !== undefined) {
      const where = next?.origin ?? "nowhere";
      throw new Failure("store/redirected", `${from} leads to ${where}, which is not followed.`);
    }
    url = next.href;
  }
  throw new Failure("store/redirected", `${from} redirects more than ${REDIRECTS} times.`);
}

async function chunksOf(
  { status, headers, body }: Response,
  at: number,
  from: string,
): Promise<Chunks> {
  const start = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1];
  const goesOn = status === 206 && Number(start) === at;
  if (body !== null && (goesOn || status === 200))
    return { bytes: body, restarts: at > 0 && !goesOn };
  await body?.cancel();
  const what = status === 206 ? "with bytes of another place than it was asked for" : status;
  throw new Failure("store/not-served", `${from} answered ${what}.`);
}
