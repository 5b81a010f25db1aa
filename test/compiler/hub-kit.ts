/** A hub in this process over a real repository, and hosts that speak to it as agents do. */
import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type HostPlan, publicKeyOf } from "@millwright/schema";
import { SignJWT } from "jose";
import { onTestFinished } from "vitest";
import { clockOf, type HubSettings, runHub } from "../../compiler/hub/hub.ts";
import { readKeys } from "../../compiler/release/release.ts";
import { initialised, NOON, planFor, releaseOf, type Workshop } from "./release-kit.ts";

const HUB_URL = "ws://127.0.0.1:7420";

export interface TestHost {
  readonly name: string;
  readonly key: KeyObject;
  readonly plan: HostPlan;
}

export function hostOf(name: string, changes: Partial<HostPlan> = {}): TestHost {
  const { privateKey } = generateKeyPairSync("ed25519");
  const plan = { ...planFor(name), key: publicKeyOf(privateKey), ...changes };
  return { name, key: privateKey, plan };
}

/** A repository with one revision, in which these hosts are enrolled. */
export async function released(...hosts: readonly TestHost[]) {
  const shop = await initialised();
  await releaseOf(
    shop,
    hosts.map(({ plan }) => plan),
  );
  return shop;
}

export interface TestHub {
  readonly url: string;
  readonly data: string;
  /** Everything the hub wrote to its journal, as JSON. */
  readonly journal: readonly string[];
  /** The hub's clock stands still; this moves it. */
  advance(ms: number): void;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  json(path: string): Promise<unknown>;
  stop(): Promise<void>;
}

export async function startHub(
  { repository, keysDir, folder }: Workshop,
  changes: Partial<HubSettings> & { readonly at?: number } = {},
): Promise<TestHub> {
  const { online } = await readKeys(keysDir);
  if (online === undefined) throw new Error("the workshop has no online key");
  const data = join(folder, "hub");
  const end = new AbortController();
  const journal: string[] = [];
  let now = changes.at ?? NOON;
  let url = "";
  let running: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    running = runHub(
      {
        repository,
        data,
        listen: { host: "127.0.0.1", port: 0 },
        onlineKey: online,
        pollMs: 20,
        clock: clockOf(() => now),
        journal: (severity, event) => journal.push(JSON.stringify({ severity, ...event })),
        ready: (address) => {
          url = address.url;
          resolve();
        },
        ...changes,
      },
      end.signal,
    );
    running.catch(reject);
  });
  const stop = async () => {
    end.abort();
    await running;
  };
  onTestFinished(stop);
  const shown: Record<string, string> =
    changes.viewerToken === undefined ? {} : { authorization: `Bearer ${changes.viewerToken}` };
  const get = (path: string, headers = shown) => fetch(`${url}${path}`, { headers });
  return {
    data,
    journal,
    stop,
    get,
    get url() {
      return url;
    },
    advance(ms) {
      now += ms;
    },
    async json(path) {
      return (await get(path)).json();
    },
  };
}

/** A hub that already offers what was released. */
export async function offeringHub(
  shop: Workshop,
  changes: Parameters<typeof startHub>[1] = {},
): Promise<TestHub> {
  const hub = await startHub(shop, changes);
  await until(async () => (await hub.get("/healthz")).status === 200);
  return hub;
}

export interface TokenClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string;
  readonly jti?: string;
  /** Milliseconds since the Unix epoch. */
  readonly at?: number;
  readonly lifetimeS?: number;
  readonly key?: KeyObject;
}

export function tokenOf(host: TestHost, claims: TokenClaims = {}): Promise<string> {
  const seconds = Math.floor((claims.at ?? NOON) / 1000);
  return new SignJWT({ jti: claims.jti ?? randomUUID() })
    .setProtectedHeader({ alg: "EdDSA" })
    .setIssuer(claims.iss ?? host.name)
    .setSubject(claims.sub ?? host.name)
    .setAudience(claims.aud ?? HUB_URL)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + (claims.lifetimeS ?? 60))
    .sign(claims.key ?? host.key);
}

/** Asks until it is so. */
export async function until(ask: () => Promise<boolean>, withinMs = 8_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error("waited in vain");
    await delay(20);
  }
}

export function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const late = new AbortController();
  const limit = delay(ms, undefined, { signal: late.signal }).then(() => {
    throw new Error(`nothing came within ${ms} ms`);
  });
  limit.catch(() => undefined);
  return Promise.race([promise, limit]).finally(() => late.abort());
}
