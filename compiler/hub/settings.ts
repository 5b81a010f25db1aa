import type { KeyObject } from "node:crypto";
import { type Digest, isLoopback } from "@millwright/schema";
import { Failure } from "../failure.ts";
import type { Clock } from "./clock.ts";
import type { Journal } from "./journal.ts";

export interface HubSettings {
  /** The repository whose branch `releases` is followed: a folder or a URL. */
  readonly repository: string;
  /** The hub's folder: database, mirror, models taken out of git. Made when it is not there. */
  readonly data: string;
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Signs "this is still the newest", and nothing else. */
  readonly onlineKey: KeyObject;
  /** The fingerprint of the first root of trust; absent: the first root that is seen is believed, and from then on no other. */
  readonly pinned?: Digest;
  /** How often the branch is looked at. */
  readonly pollMs: number;
  readonly clock: Clock;
  readonly journal: Journal;
  /** PEM. Needed off loopback. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** What viewers must show, as a bearer token or as a password. Needed off loopback. */
  readonly viewerToken?: string;
  /** Called once, when the hub answers. */
  readonly ready: (address: HubAddress) => void;
  readonly limits?: Partial<HubLimits>;
}

export interface HubAddress {
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:7420`: where a browser finds the page. */
  readonly url: string;
}

export interface HubLimits {
  /** WebSocket handshakes admitted a second; more are told to come back later. */
  readonly handshakesPerSecond: number;
  /** Bytes that may wait for a slow host before it is dropped. */
  readonly bufferedBytes: number;
  /** How often connections are pinged; one that did not answer the last ping is dropped. */
  readonly pingMs: number;
  /** How often what hosts said of themselves is written to disk. */
  readonly flushMs: number;
  /** Feedback segments that are unpacked at the same time. */
  readonly segmentsAtOnce: number;
}

export const defaultLimits: HubLimits = {
  handshakesPerSecond: 1_000,
  bufferedBytes: 8 * 1024 ** 2,
  pingMs: 30_000,
  flushMs: 2_000,
  segmentsAtOnce: 4,
};

/** Refuses to listen where others could read along or look in. */
export function demandSafe({ listen, tls, viewerToken }: HubSettings): void {
  if (viewerToken !== undefined && viewerToken.length < 16) {
    throw new Failure(
      "hub/viewer-token-short",
      "The viewer token has fewer than 16 characters and could be guessed. Take a longer one, e.g. from `openssl rand -hex 16`.",
    );
  }
  if (isLoopback(listen.host)) return;
  if (tls === undefined) {
    throw new Failure(
      "hub/tls-required",
      `Off loopback the hub speaks TLS alone. Give it a certificate and a key, or listen on 127.0.0.1 instead of ${listen.host}.`,
    );
  }
  if (viewerToken === undefined) {
    throw new Failure(
      "hub/viewer-token-required",
      `Whoever can reach ${listen.host} could read the feedback. Give a viewer token, or listen on 127.0.0.1.`,
    );
  }
}
