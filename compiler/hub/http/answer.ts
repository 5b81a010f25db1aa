import type { FastifyReply } from "fastify";

/** Every error that the hub answers looks like this. `code` is `hub/why`, permanent. */
export function refuse(
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
): FastifyReply {
  return reply.code(status).send({ error: { code, message } });
}

/** Told to come back later. */
export function busy(reply: FastifyReply, code: string, message: string): FastifyReply {
  return refuse(reply.header("retry-after", "5"), 503, code, message);
}

/** Nothing that the hub sends may be taken for something else, framed, or loaded from elsewhere. */
export const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
} as const;
