import type { KeyObject } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { type PublicKey, publicKeyOf } from "@millwright/schema";
import { certificateOf } from "./certificate.ts";

/**
 * What both ends of a connection between hosts start TLS with. Chains are not looked at: the one question is whether the
 * other end holds the key that the plan names, and `keyOfPeer` answers it. TLS 1.3 proves it before the first byte of ours.
 */
export function tlsOf(key: KeyObject) {
  return {
    cert: certificateOf(key),
    key: key.export({ type: "pkcs8", format: "pem" }),
    minVersion: "TLSv1.3" as const,
    ALPNProtocols: ["millwright-relay/1"],
    rejectUnauthorized: false,
  };
}

/** The key that the other end has proved to hold; `undefined` when it is no Ed25519 key, or none was shown. */
export function keyOfPeer(socket: TLSSocket): PublicKey | undefined {
  const key = socket.getPeerX509Certificate()?.publicKey;
  return key?.asymmetricKeyType === "ed25519" ? publicKeyOf(key) : undefined;
}

export function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(address.slice(colon + 1)) };
}
