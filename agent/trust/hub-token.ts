import { SignJWT } from "jose";
import type { Identity } from "../disk/disk.ts";
import { type Chance, uuid7 } from "../life/life.ts";

/** Short, so that a token that somebody read along is soon worth nothing; the hub takes each once. */
const LIFETIME_S = 60;

/**
 * What this host shows to a hub: a JWT signed with its own key (EdDSA), for one use, worth a minute.
 * `audience` is the hub's URL as the plan writes it.
 */
export async function hubToken(
  identity: Pick<Identity, "host" | "key" | "publicKey">,
  audience: string,
  now: number,
  chance: Chance,
): Promise<string> {
  const issued = Math.floor(now / 1000);
  // By the key a hub finds a host that goes by another name now.
  return await new SignJWT()
    .setProtectedHeader({ alg: "EdDSA", kid: identity.publicKey })
    .setIssuer(identity.host)
    .setSubject(identity.host)
    .setAudience(audience)
    .setIssuedAt(issued)
    .setExpirationTime(issued + LIFETIME_S)
    .setJti(uuid7(now, chance))
    .sign(identity.key);
}
