import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { decodeAgentBody, MAX_FRAME, OPAMP_PATH, OPAMP_TYPE } from "@millwright/schema/opamp";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { HostView } from "../fleet/fleet.ts";
import { busy, refuse } from "./answer.ts";
import type { HttpRequest } from "./http.ts";

const unzip = promisify(gunzip);
/** Bodies that are unpacked at the same time, each of them of 4 MiB at most. */
const AT_ONCE = 8;

type Unpacked =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly status: 400 | 413 | 415; readonly message: string };

/** OpAMP, "Plain HTTP Transport": one message up, one message down. For hosts whose network lets no WebSocket through. */
export function pollRoute(
  app: FastifyInstance,
  hub: HttpRequest,
  callerOf: (request: FastifyRequest) => HostView,
): void {
  let unpacking = 0;
  app.post(OPAMP_PATH, { bodyLimit: MAX_FRAME }, async (request, reply) => {
    const { body, headers } = request;
    if (headers["content-type"] !== OPAMP_TYPE || !Buffer.isBuffer(body)) {
      return refuse(reply, 415, "hub/bad-message", `A message of OpAMP comes as ${OPAMP_TYPE}.`);
    }
    if (unpacking >= AT_ONCE) return busy(reply, "hub/busy", "Too many messages at once.");
    unpacking += 1;
    const unpacked = await unpack(body, headers["content-encoding"]).finally(() => {
      unpacking -= 1;
    });
    if (!unpacked.ok) return refuse(reply, unpacked.status, "hub/bad-message", unpacked.message);
    const answer = hub.link.poll(callerOf(request), decodeAgentBody(unpacked.bytes));
    return reply.type(OPAMP_TYPE).send(Buffer.from(answer));
  });
}

async function unpack(body: Buffer, encoding: string | undefined): Promise<Unpacked> {
  if (encoding === undefined || encoding === "identity") return { ok: true, bytes: body };
  if (encoding !== "gzip") {
    return { ok: false, status: 415, message: "A body is plain, or packed by gzip." };
  }
  try {
    return { ok: true, bytes: await unzip(body, { maxOutputLength: MAX_FRAME }) };
  } catch (error) {
    // Compression bomb: nobody unpacks more than a frame may have.
    if (error instanceof RangeError) {
      const message = `A message has ${MAX_FRAME} bytes at most when it is unpacked.`;
      return { ok: false, status: 413, message };
    }
    return { ok: false, status: 400, message: "The body is not packed by gzip." };
  }
}
