import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { refuse } from "./answer.ts";

/** Lets viewers in: everybody on loopback when there is no token, otherwise whoever shows it. */
export function viewerGate(
  token: string | undefined,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  const wanted = token === undefined ? undefined : hashOf(token);
  return async ({ headers }, reply) => {
    if (wanted === undefined) {
      // DNS rebinding: a page from elsewhere must not read the hub under a name that it made point here.
      if (isLocal(headers.host)) return undefined;
      const message = "This hub is for this machine. Open it as 127.0.0.1 or localhost.";
      return refuse(reply, 421, "hub/other-host-name", message);
    }
    const shown = shownToken(headers.authorization);
    // Hashes are equally long, so that the comparison tells nothing about the token.
    if (shown !== undefined && timingSafeEqual(hashOf(shown), wanted)) return undefined;
    reply.header("www-authenticate", 'Basic realm="Millwright hub", charset="UTF-8"');
    const message = "Show the viewer token, as a bearer token or as the password.";
    return refuse(reply, 401, "hub/viewer-token", message);
  };
}

function isLocal(host: string | undefined): boolean {
  const name = (host ?? "").replace(/:\d{1,5}$/, "").toLowerCase();
  return name === "localhost" || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);
}

function shownToken(authorization: string | undefined): string | undefined {
  const [, scheme = "", value = ""] = /^(\w+) +(\S{1,1000})$/.exec(authorization ?? "") ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return undefined;
  const pair = Buffer.from(value, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return colon < 0 ? undefined : pair.slice(colon + 1);
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
