import { createReadStream } from "node:fs";
import { parseDigest } from "@millwright/schema";
import type { FastifyReply } from "fastify";
import type { PeerDesk, Upload } from "../store/store.ts";
import { wrong } from "./api-error.ts";
import type { App } from "./app.ts";
import { patienceOf, refuse } from "./call.ts";

/** A peer that takes nothing for so long has gone. */
const STALL_MS = 30_000;

/** Gives models to other hosts of the site: `GET /blobs/sha256:…`, with a range (RFC 9110, section 14). */
export function addPeerRoute(app: App, desk: PeerDesk, deadline: AbortSignal): void {
  app.get<{ Params: { digest: string } }>("/blobs/:digest", async (request, reply) => {
    const digest = parseDigest(request.params.digest);
    if (digest === undefined)
      return refuse(reply, wrong("unknown_url", "That is no digest.", null, 404));
    const asked = await desk.ask(request.headers.authorization, digest);
    if (asked.ok) return send(reply, asked, digest, request.headers, deadline);
    const { status, message } = asked;
    if (status === 503) reply.header("retry-after", "10");
    return refuse(reply, wrong("bad_request", message, null, status));
  });
}

function send(
  reply: FastifyReply,
  upload: Upload,
  digest: string,
  headers: { readonly range?: string | undefined; readonly "if-range"?: string | undefined },
  deadline: AbortSignal,
): FastifyReply {
  const { path, size } = upload;
  const { raw } = reply;
  const { signal } = patienceOf(reply, deadline);
  raw.once("close", () => upload[Symbol.dispose]());
  // Slow reading: a place to copy from is not held by whoever takes nothing.
  raw.setTimeout(STALL_MS, () => raw.destroy());
  const tag = `"${digest}"`;
  const start = [undefined, tag].includes(headers["if-range"]) ? startOf(headers.range) : 0;
  reply.header("etag", tag).header("accept-ranges", "bytes");
  if (start >= size && size > 0) {
    reply.header("content-range", `bytes */${size}`);
    return refuse(reply, wrong("bad_request", `There are ${size} bytes.`, null, 416));
  }
  if (start > 0) reply.code(206).header("content-range", `bytes ${start}-${size - 1}/${size}`);
  reply.header("content-length", size - start).type("application/octet-stream");
  const file = createReadStream(path, { start, signal });
  // Who is gone needs no answer; who is there sees that bytes are missing.
  file.once("error", () => raw.destroy());
  return reply.send(file);
}

/** Peers ask for all from a place on. Anything else may be answered with the whole. */
function startOf(range = ""): number {
  return Number(/^bytes=(\d{1,15})-$/.exec(range)?.[1] ?? 0);
}
