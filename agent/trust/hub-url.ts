import { isLoopback } from "@millwright/schema";
import { Failure } from "../life/life.ts";

/**
 * The origin of a hub's HTTP side: `wss:` → `https:`, `ws:` → `http:`.
 * Throws a `Failure` when the URL is none, or would carry tokens and feedback in the clear beyond this machine.
 */
export function httpOrigin(hub: string): string {
  const url = URL.parse(hub);
  if (url === null || (url.protocol !== "ws:" && url.protocol !== "wss:")) {
    throw new Failure(
      "trust/bad-hub",
      `${JSON.stringify(hub)} is no address of a hub. Write wss://hub.example.`,
    );
  }
  if (url.protocol === "ws:" && !isLoopback(url.hostname)) {
    throw new Failure(
      "trust/insecure-hub",
      `${hub} is not encrypted, and not on this machine. Use wss:// and give the hub a certificate.`,
    );
  }
  return `${url.protocol === "ws:" ? "http" : "https"}://${url.host}`;
}
