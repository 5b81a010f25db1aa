import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isLoopback } from "@millwright/schema";
import { Failure } from "../life/life.ts";
import { type Chunks, request } from "./request.ts";

/** Where the hub's own blobs are, and the token that opens them. */
export interface HubDoor {
  readonly origin: string;
  token(): Promise<string>;
}

/** One place where some bytes can be had. */
export interface Source {
  /** For people, and for telling sources apart. */
  readonly name: string;
  /** On the host's own disk: no line is used. */
  readonly local: boolean;
  /** How long it may take to begin; half a minute when absent. */
  readonly beginMs?: number;
  /** Opens it `at` so many bytes from its beginning. Throws Failure. */
  open(wish: Wish, signal: AbortSignal): Promise<Chunks>;
}

/** Which bytes of a source are wanted. */
export interface Wish {
  readonly at: number;
  /** Of the whole file. */
  readonly size: number;
  /** The version of which the bytes before `at` are, where the source has named it. */
  readonly etag?: string | undefined;
}

/** A source as plans write it: `hub:`, `file:///…` or `https://…`. `hex` is what the hub is asked for. */
export function sourceOf(written: string, hex: string, hub: () => HubDoor | undefined): Source {
  const local = written.startsWith("file:///");
  const name = shown(written);
  return {
    name,
    local,
    async open(wish, signal) {
      if (local) return readFrom(written, wish.at, signal);
      if (written === "hub:") return askHub(hub(), hex, wish, signal);
      // The digest protects the bytes; TLS keeps to ourselves which ones we want.
      if (!written.startsWith("https://"))
        throw new Failure("store/bad-source", `${name} is neither hub:, file:/// nor https://.`);
      return request({ url: written, name }, wish, signal);
    },
  };
}

/** A mirror holds every blob under its digest. */
export function mirrorOf(base: string, hex: string): Source {
  const url = `${base.replace(/\/+$/, "")}/sha256/${hex}`;
  const name = shown(url);
  return {
    name,
    local: false,
    async open(wish, signal) {
      const { protocol, hostname } = new URL(url);
      // Eavesdropping: who sees the bytes has the model. A cache on this machine is seen by nobody.
      if (protocol !== "https:" && !isLoopback(hostname))
        throw new Failure("store/bad-source", `${name} is no https:// address.`);
      return request({ url, name }, wish, signal);
    },
  };
}

/**
 * An address as a log and a condition may show it. Theft of a password, or of a signature in a query: who reads logs
 * must not be able to read models with them.
 */
function shown(written: string): string {
  const url = URL.parse(written);
  return url === null || !/^https?:$/.test(url.protocol) ? written : `${url.origin}${url.pathname}`;
}

async function readFrom(source: string, at: number, signal: AbortSignal): Promise<Chunks> {
  const path = fileURLToPath(source);
  // A pipe or a device would block a thread for as long as it likes.
  if (!(await stat(path)).isFile()) throw new Failure("store/bad-source", `${path} is no file.`);
  return { bytes: createReadStream(path, { start: at, signal }), start: at };
}

async function askHub(
  hub: HubDoor | undefined,
  hex: string,
  wish: Wish,
  signal: AbortSignal,
): Promise<Chunks> {
  if (hub === undefined)
    throw new Failure("store/no-hub", "The model is to come from the hub, and no hub is known.");
  const { protocol, hostname } = new URL(hub.origin);
  // Eavesdropping: the token would let anybody read what this host may read.
  if (protocol !== "https:" && !isLoopback(hostname))
    throw new Failure("store/insecure-hub", `${hub.origin} is not encrypted. Use wss:// hubs.`);
  const url = `${hub.origin}/v1/blobs/sha256/${hex}`;
  return request({ url, name: hub.origin, token: () => hub.token() }, wish, signal);
}
