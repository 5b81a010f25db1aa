import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import {
  digestOfHex,
  Envelope,
  firstError,
  open,
  parseJson,
  RECEIPT_TYPE,
  Receipt,
  readerOf,
  SIGNATURE_HEADER,
  segmentLimits,
} from "@millwright/schema";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Failure } from "../../failure.ts";
import type { HostView } from "../fleet/fleet.ts";
import { plannedBlob } from "../follow/follow.ts";
import { busy, refuse } from "./answer.ts";
import { parseRange } from "./byte-range.ts";
import type { HttpRequest } from "./http.ts";
import { pollRoute } from "./poll-route.ts";
import { parsePlace, readSegment } from "./segment.ts";

const MAX_RECEIPT = 1024 ** 2;
const readEnvelope = readerOf(Envelope);
const readReceipt = readerOf(Receipt);

/** What hosts send and fetch, each request with a token of its own. */
export function hostRoutes(app: FastifyInstance, hub: HttpRequest): void {
  const callers = new WeakMap<FastifyRequest, HostView>();
  const callerOf = (request: FastifyRequest): HostView => {
    const host = callers.get(request);
    if (host === undefined) throw new Error("impossible: a request of nobody");
    return host;
  };
  // Before a byte of the body is read: only hosts of the fleet may send any.
  app.addHook("onRequest", async (request, reply) => {
    const admitted = await hub.admit(request.headers.authorization, hub.clock.now());
    if (admitted.ok) {
      callers.set(request, admitted.host);
      return undefined;
    }
    hub.metrics.refused.inc({ code: admitted.code });
    if (admitted.status === 401) reply.header("www-authenticate", "Bearer");
    return refuse(reply, admitted.status, admitted.code, admitted.message);
  });
  // Bodies are signed bytes: nothing may parse them before the signature is checked.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  feedbackRoute(app, hub, callerOf);
  receiptRoute(app, hub, callerOf);
  blobRoute(app, hub, callerOf);
  pollRoute(app, hub, callerOf);
}

type CallerOf = (request: FastifyRequest) => HostView;

function feedbackRoute(app: FastifyInstance, hub: HttpRequest, callerOf: CallerOf): void {
  let unpacking = 0;
  app.put<{ Params: { host: string; epoch: string; range: string } }>(
    "/v1/feedback/:host/:epoch/:range",
    { bodyLimit: segmentLimits.compressed },
    async (request, reply) => {
      const caller = callerOf(request);
      const { host, epoch, range } = request.params;
      const place = parsePlace(host, epoch, range);
      if (place === undefined) {
        return refuse(
          reply,
          400,
          "hub/bad-path",
          "The path is /v1/feedback/HOST/EPOCH/FIRST-LAST.",
        );
      }
      if (host !== caller.name) {
        return refuse(reply, 403, "hub/other-host", `${caller.name} cannot speak for ${host}.`);
      }
      const signature = request.headers[SIGNATURE_HEADER];
      if (typeof signature !== "string" || !Buffer.isBuffer(request.body)) {
        const message = `A segment is a body and its signature, in the header ${SIGNATURE_HEADER}.`;
        return refuse(reply, 400, "hub/bad-segment", message);
      }
      if (unpacking >= hub.limits.segmentsAtOnce) {
        return busy(reply, "hub/busy", "Too many segments at once.");
      }
      unpacking += 1;
      try {
        const now = hub.clock.now();
        const reading = await readSegment(place, request.body, signature, caller.key, now);
        if (!reading.ok) {
          hub.metrics.refused.inc({ code: reading.code });
          return refuse(reply, reading.status, reading.code, reading.message);
        }
        const { added, quarantined } = await hub.store.feedback.take(reading.segment, now);
        hub.metrics.countSamples(added.map(({ kind }) => kind));
        if (quarantined > 0) await hub.setAside(caller, quarantined);
        const apart = quarantined > 0 ? { quarantined } : {};
        return reply.send({ committed: place.last, ...apart });
      } finally {
        unpacking -= 1;
      }
    },
  );
}

function receiptRoute(app: FastifyInstance, hub: HttpRequest, callerOf: CallerOf): void {
  app.post("/v1/receipts", { bodyLimit: MAX_RECEIPT }, async (request, reply) => {
    const caller = callerOf(request);
    const bad = (status: 400 | 403, code: string, message: string) => {
      hub.metrics.refused.inc({ code });
      return refuse(reply, status, code, message);
    };
    const text = Buffer.isBuffer(request.body) ? request.body.toString("utf8") : "";
    const envelope = readEnvelope(parseJson(text));
    if (!envelope.ok) return bad(400, "hub/bad-receipt", firstError(envelope.errors));
    const payload = open(envelope.value, RECEIPT_TYPE, caller.key);
    // Forgery: a receipt is evidence in an audit, so the host itself must have signed it.
    if (payload === undefined) {
      return bad(403, "hub/bad-signature", "The receipt is not signed by the host's key.");
    }
    const receipt = readReceipt(parseJson(payload.toString("utf8")));
    if (!receipt.ok) return bad(400, "hub/bad-receipt", firstError(receipt.errors));
    if (receipt.value.host !== caller.name) {
      return bad(403, "hub/other-host", `${caller.name} cannot sign for ${receipt.value.host}.`);
    }
    const { value } = receipt;
    const taken = await hub.store.receipts.take(value, envelope.value, caller.key, hub.clock.now());
    if (taken === "new" || taken === "gap") hub.metrics.receipts.inc({ result: value.result });
    if (taken === "quarantined") await hub.setAside(caller, 1);
    if (taken === "gap" || taken === "forked") await hub.brokenChain(caller, value.counter, taken);
    return reply.send({ committed: receipt.value.id });
  });
}

/** Models that lie in the repository. Resumable: a range can be asked for. */
function blobRoute(app: FastifyInstance, hub: HttpRequest, callerOf: CallerOf): void {
  app.get<{ Params: { hex: string } }>("/v1/blobs/sha256/:hex", async (request, reply) => {
    const digest = digestOfHex(request.params.hex);
    const offer = hub.following().offer;
    // A host fetches what stands in its own plan and nothing else.
    const plan = offer?.plans.get(callerOf(request).name);
    const size = plan && digest && plannedBlob(plan, digest)?.size;
    if (offer === undefined || digest === undefined || size === undefined) {
      return refuse(reply, 404, "hub/no-such-blob", "Your plan does not name these bytes.");
    }
    const { commit } = offer.verified.published.revision.predicate;
    let path: string | undefined;
    try {
      path = await hub.blobs.pathOf({ digest, size, commit }, hub.signal);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      hub.journal("warn", { event: error.code, digest, reason: error.message });
      return refuse(reply, 502, error.code, error.message);
    }
    if (path === undefined) {
      return refuse(reply, 404, "hub/no-such-blob", "The repository does not hold these bytes.");
    }
    return sendFile(request, reply, { path, size, tag: `"${digest}"` }, (sent) =>
      hub.metrics.blobBytes.inc(sent),
    );
  });
}

/** Answers with a file whose content never changes, or a part of it (RFC 9110, sections 13 and 14). */
function sendFile(
  { headers, method }: FastifyRequest,
  reply: FastifyReply,
  { path, size, tag }: { readonly path: string; readonly size: number; readonly tag: string },
  count: (bytes: number) => void,
): FastifyReply {
  reply.header("etag", tag).header("accept-ranges", "bytes");
  reply.header("cache-control", "private, immutable, max-age=31536000");
  if (headers["if-none-match"]?.split(/\s*,\s*/).includes(tag)) return reply.code(304).send();
  // A part of other bytes than the ones the caller already has would be rubbish.
  const wanted = headers["if-range"];
  const range = wanted === undefined || wanted === tag ? headers.range : undefined;
  const part = parseRange(range, size);
  if (part === "outside") {
    reply.header("content-range", `bytes */${size}`);
    return refuse(reply, 416, "hub/no-such-range", `There are ${size} bytes.`);
  }
  const { start, end } = part === "whole" ? { start: 0, end: size - 1 } : part;
  if (part !== "whole") reply.code(206).header("content-range", `bytes ${start}-${end}/${size}`);
  const length = end - start + 1;
  reply.type("application/octet-stream").header("content-length", length);
  // Nothing of the file is read for a HEAD; an empty stream leaves the length as it is set.
  if (method === "HEAD" || size === 0) return reply.send(Readable.from([]));
  count(length);
  return reply.send(createReadStream(path, { start, end }));
}
