import { type Digest, type HostName, keyObjectOf, type Peer } from "@millwright/schema";
import { decodeJwt, errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { Identity } from "../disk/disk.ts";
import { type Chance, uuid7 } from "../life/life.ts";

const LIFETIME_S = 60;
/** How far the clocks of two hosts may be apart. */
const LEEWAY_S = 30;
const MAX_TOKEN = 4_096;
/** What one peer may have used up at any time, so that none can fill the memory. */
const MAX_USED = 1_000;

/**
 * What this host shows to a peer: a JWT signed with its own key (EdDSA), for one blob of one host, for one use, worth a
 * minute. A hub takes no such token, and a peer none that is for a hub.
 */
export async function peerToken(
  self: Pick<Identity, "host" | "key">,
  peer: HostName,
  blob: Digest,
  now: number,
  chance: Chance,
): Promise<string> {
  const issued = Math.floor(now / 1000);
  return await new SignJWT({ blob })
    .setProtectedHeader({ alg: "EdDSA" })
    .setIssuer(self.host)
    .setSubject(self.host)
    .setAudience(audienceOf(peer))
    .setIssuedAt(issued)
    .setExpirationTime(issued + LIFETIME_S)
    .setJti(uuid7(now, chance))
    .sign(self.key);
}

/** Finds out which peer asks for a blob; in words why it is none. Each token is taken once. */
export type AdmitPeer = (
  authorization: string | undefined,
  blob: Digest,
  now: number,
) => Promise<Peer | string>;

export function peerAdmission(self: HostName, peers: () => readonly Peer[]): AdmitPeer {
  const used = new Map<HostName, Map<string, number>>();
  const isFresh = (host: HostName, id: string, until: number, now: number): boolean => {
    const own = used.get(host) ?? new Map<string, number>();
    used.set(host, own);
    // Ids stand in the order of their use, and tokens live about equally long.
    for (const [old, expires] of own) {
      if (expires > now) break;
      own.delete(old);
    }
    if (own.has(id) || own.size >= MAX_USED) return false;
    own.set(id, until);
    return true;
  };
  return async (authorization = "", blob, now) => {
    const token = /^Bearer ([\w.-]+)$/i.exec(authorization)?.[1];
    if (token === undefined || token.length > MAX_TOKEN)
      return "A peer shows a bearer token that it signed itself.";
    const claimed = issuerOf(token);
    const peer = peers().find(({ host }) => host === claimed);
    // Disclosure: a model is for the hosts whose plans name it, and for nobody else who reaches this port.
    if (peer?.blobs.includes(blob) !== true) return "The plan names no such peer of these bytes.";
    const payload = await verified(token, peer, self, now);
    if (typeof payload === "string") return payload;
    const { exp = 0, jti = "", blob: meant } = payload;
    // Confused deputy: a token for one model must not open another.
    if (meant !== blob) return "The token is for other bytes.";
    // Long-lived tokens would outlive the peer's place in the plan.
    if (exp * 1000 > now + (LIFETIME_S + LEEWAY_S) * 1000)
      return `A token lives ${LIFETIME_S} seconds at most.`;
    // Replay: whoever read a token along must not get the model with it.
    const until = (exp + LEEWAY_S) * 1000;
    if (jti === "" || jti.length > 128 || !isFresh(peer.host, jti, until, now))
      return "This token was used before, or this host asks too often.";
    return peer;
  };
}

async function verified(
  token: string,
  { host, key }: Peer,
  self: HostName,
  now: number,
): Promise<JWTPayload | string> {
  try {
    const { payload } = await jwtVerify(token, keyObjectOf(key), {
      ...{ algorithms: ["EdDSA"], issuer: host, subject: host, audience: audienceOf(self) },
      requiredClaims: ["exp", "iat", "jti", "blob"],
      clockTolerance: LEEWAY_S,
      currentDate: new Date(now),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return `${error.message}.`;
    throw error;
  }
}

/** Whom the token claims to come from; nothing about it has been checked. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function audienceOf(host: HostName): string {
  return `millwright-peer:${host}`;
}
