/**
 * Who may come in.
 *
 * In: the `Authorization` header of a request, and the instant. Out: the enrolled host that made it, or why not.
 * Promise: a token is signed by the key in the host's plan, meant for a hub of that plan, a minute old at most,
 * and used once. A host that is not in the fleet has no key, so it is nobody.
 */
import { type HostName, keyObjectOf, type PublicKey } from "@millwright/schema";
import {
  compactVerify,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
} from "jose";
import { type Replays, replays } from "./replay.ts";

export { type FairQueue, fairQueue } from "./fair-queue.ts";
export { type Passage, type Throttle, throttle } from "./throttle.ts";

const MAX_TOKEN = 4_096;
const LIFETIME_S = 60;
/** How far the clocks of host and hub may be apart. */
const LEEWAY_S = 30;

export interface KnownHost {
  readonly name: HostName;
  readonly key: PublicKey;
  readonly hubs: readonly string[];
}

interface Refused {
  readonly ok: false;
  readonly status: 401 | 429;
  /** `hub/why`, permanent. */
  readonly code: string;
  readonly message: string;
}

type Admission<H extends KnownHost> = { readonly ok: true; readonly host: H } | Refused;

export type Admit<H extends KnownHost> = (
  authorization: string | undefined,
  now: number,
) => Promise<Admission<H>>;

/** Whom a request claims to come from. Nothing of it has been checked: it may choose a queue, and decide nothing. */
export function claimantOf(authorization: string | undefined): string | undefined {
  const token = tokenIn(authorization);
  return token === undefined ? undefined : issuerOf(token);
}

/** The hosts of the fleet, by what a token says of itself. */
export interface KnownHosts<H extends KnownHost> {
  byName(name: string): H | undefined;
  byKey(key: string): H | undefined;
}

export function admission<H extends KnownHost>(hosts: KnownHosts<H>): Admit<H> {
  const seen: Replays = replays();
  return async (authorization, now) => {
    const token = tokenIn(authorization);
    if (token === undefined) {
      return refused("hub/no-token", "A host shows a bearer token that it signed itself.");
    }
    const claimed = issuerOf(token);
    const host = claimed === undefined ? undefined : hosts.byName(claimed);
    if (host === undefined) {
      const renamed = await renamedTo(token, hosts);
      if (renamed !== undefined)
        return refused(
          "hub/renamed-host",
          `The fleet has the key of ${claimed?.slice(0, 63)} under the name ${renamed}. Give the host its old name back in its definition, or write ${renamed} for "host" into identity/identity.json of its state folder and restart the agent.`,
        );
      return refused("hub/unknown-host", "The token names no host of the fleet.");
    }
    const payload = await verified(token, host, now);
    if (typeof payload === "string") return refused("hub/bad-token", payload);
    const { exp = 0, jti = "" } = payload;
    // Long-lived tokens would outlive the deletion of the host, and fill the memory of used ones.
    if (exp * 1000 > now + (LIFETIME_S + LEEWAY_S) * 1000) {
      return refused("hub/bad-token", `A token lives ${LIFETIME_S} seconds at most.`);
    }
    if (jti === "" || jti.length > 128) {
      return refused("hub/bad-token", "A token carries an id (jti) of 1 to 128 characters.");
    }
    // Replay: whoever read a token along must not come in with it.
    switch (seen.use(host.name, jti, (exp + LEEWAY_S) * 1000, now)) {
      case "fresh":
        return { ok: true, host };
      case "used":
        return refused("hub/replayed-token", "This token was used before.");
      case "full": {
        const message = "This host asks too often. Wait a minute.";
        return { ok: false, status: 429, code: "hub/too-many-tokens", message };
      }
    }
  };
}

/**
 * What the fleet calls the host that signed this token, when that is not what it calls itself. Told only to who holds the
 * key: the names of a fleet are nobody else's business.
 */
async function renamedTo<H extends KnownHost>(
  token: string,
  hosts: KnownHosts<H>,
): Promise<string | undefined> {
  try {
    const { kid } = decodeProtectedHeader(token);
    const host = typeof kid === "string" ? hosts.byKey(kid) : undefined;
    if (host === undefined) return undefined;
    await compactVerify(token, keyObjectOf(host.key), { algorithms: ["EdDSA"] });
    return host.name;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The claims, or in words what is wrong with the token. */
async function verified(
  token: string,
  { name, key, hubs }: KnownHost,
  now: number,
): Promise<JWTPayload | string> {
  try {
    const { payload } = await jwtVerify(token, keyObjectOf(key), {
      algorithms: ["EdDSA"],
      issuer: name,
      subject: name,
      audience: [...hubs],
      requiredClaims: ["exp", "iat", "jti"],
      clockTolerance: LEEWAY_S,
      currentDate: new Date(now),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return `${error.message}.`;
    throw error;
  }
}

function tokenIn(authorization = ""): string | undefined {
  if (authorization.length > MAX_TOKEN) return undefined;
  return /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
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

function refused(code: string, message: string): Refused {
  return { ok: false, status: 401, code, message };
}
