/** A hub in this process over a real repository, and hosts that speak to it as agents do. */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import {
  type AgentStatus,
  decodeServerFrame,
  encodeAgentFrame,
  type HostPlan,
  OPAMP_PATH,
  preAuthEncoding,
  publicKeyOf,
  type Sample,
  SEGMENT_TYPE,
  type ServerToAgent,
  SIGNATURE_HEADER,
  STATUS_FILE,
  segmentPath,
} from "@millwright/schema";
import { SignJWT } from "jose";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { clockOf, type HubSettings, runHub } from "../../compiler/hub/hub.ts";
import { readKeys } from "../../compiler/release/release.ts";
import { initialised, NOON, planFor, releaseOf, type Workshop } from "./release-kit.ts";

export const HUB_URL = "ws://127.0.0.1:7420";

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

export type AgentMessage = Parameters<typeof encodeAgentFrame>[0];

export interface TestAgent {
  /** Sends the next message in sequence. */
  say(message?: AgentMessage): void;
  /** Sends bytes that need not be a message. */
  raw(bytes: Uint8Array | string): void;
  /** The next message of the hub. */
  hear(): Promise<ServerToAgent>;
  /** Says something and hears the answer. */
  ask(message?: AgentMessage): Promise<ServerToAgent>;
  /** The code with which the connection was closed. */
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
}

/** Why an upgrade was refused. */
export interface Rejection {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: string | undefined;
}

/** Connects; an answer other than an upgrade is given as a rejection. */
export async function dial(
  hub: TestHub,
  host: TestHost,
  claims: TokenClaims | string = {},
): Promise<TestAgent | Rejection> {
  const token = typeof claims === "string" ? claims : await tokenOf(host, claims);
  const socket = new WebSocket(`${hub.url.replace("http", "ws")}${OPAMP_PATH}`, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  onTestFinished(() => socket.terminate());
  const heard: ServerToAgent[] = [];
  const waiting: ((message: ServerToAgent) => void)[] = [];
  socket.on("message", (data: Buffer) => {
    const message = decodeServerFrame(data);
    if (message === undefined) throw new Error("the hub sent rubbish");
    const next = waiting.shift();
    if (next === undefined) heard.push(message);
    else next(message);
  });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  const rejection = await new Promise<Rejection | undefined>((resolve, reject) => {
    socket.on("open", () => resolve(undefined));
    socket.on("error", reject);
    socket.on("unexpected-response", (_request, response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => {
        const { error } = JSON.parse(body) as { error: { code: string } };
        const retryAfter = response.headers["retry-after"];
        resolve({ status: response.statusCode ?? 0, code: error.code, retryAfter });
      });
    });
  });
  if (rejection !== undefined) return rejection;
  let sequence = 0n;
  const uid = Uint8Array.from({ length: 16 }, (_, index) => index);
  const say = (message: AgentMessage = {}) => {
    sequence += 1n;
    socket.send(encodeAgentFrame({ instanceUid: uid, sequenceNum: sequence, ...message }));
  };
  const hear = () => {
    const message = heard.shift();
    return message === undefined
      ? within(5_000, new Promise<ServerToAgent>((resolve) => waiting.push(resolve)))
      : Promise.resolve(message);
  };
  return {
    socket,
    closed: within(10_000, closed),
    say,
    hear,
    raw: (bytes) => socket.send(bytes),
    ask(message = {}) {
      say(message);
      return hear();
    },
  };
}

/** As `dial`, where the hub lets the host in. */
export async function connect(
  hub: TestHub,
  host: TestHost,
  claims: TokenClaims = {},
): Promise<TestAgent> {
  const agent = await dial(hub, host, claims);
  if ("status" in agent) throw new Error(`refused: ${agent.status} ${agent.code}`);
  return agent;
}

export function statusOf(host: TestHost, changes: Partial<AgentStatus> = {}): AgentStatus {
  return {
    schema: "status/1",
    host: host.name,
    agent: "0.1.0",
    at: NOON,
    desired: null,
    attempted: null,
    running: null,
    gateway: null,
    deployments: {},
    conditions: [],
    ...changes,
  };
}

/** The message by which a host says all of itself. */
export function fullState(status: AgentStatus) {
  const body = Buffer.from(JSON.stringify(status));
  return { effectiveConfig: { configMap: { configMap: { [STATUS_FILE]: { body } } } } };
}

export const EPOCH = "0192f5a0-0000-7000-8000-000000000000";

/** A correction, number `seq` of the host's spool. */
export function sampleOf(host: TestHost, seq: number, changes: Partial<Sample> = {}): Sample {
  const id = `0192f5a0-0000-7000-8000-${seq.toString(16).padStart(12, "0")}`;
  const output = [
    { role: "assistant", parts: [{ type: "text" as const, content: `line ${seq}` }] },
  ];
  const sample: Sample = {
    schema: "fb/1",
    id,
    host: host.name,
    epoch: EPOCH,
    seq,
    capturedAt: NOON,
    interactionId: id,
    task: "summarise-mail",
    plan: { digest: `sha256:${"a".repeat(64)}`, revision: 1, factory: "support", deployment: "t" },
    model: { name: "mail-triage", baseDigest: `sha256:${"b".repeat(64)}`, runtime: "test" },
    sampling: { reason: "asked", rate: 1 },
    author: { role: "user" },
    governance: {
      classification: "internal",
      residency: ["de"],
      purposes: ["serve", "evaluate"],
      expiresAt: NOON + 86_400_000,
    },
    redaction: { profile: "personal", engine: "test", counts: {} },
    kind: "correction",
    body: { output },
  };
  return { ...sample, ...changes } as Sample;
}

export interface Upload {
  readonly first?: number;
  readonly last?: number;
  readonly host?: string;
  /** Signs instead of the host's own key. */
  readonly key?: KeyObject;
  readonly token?: string;
  readonly at?: number;
  /** Instead of gzipped lines. */
  readonly body?: Buffer;
}

/** Uploads samples as one segment. */
export async function upload(
  hub: TestHub,
  host: TestHost,
  samples: readonly unknown[],
  options: Upload = {},
): Promise<{ status: number; body: unknown }> {
  const { first = 1, last = first + Math.max(1, samples.length) - 1, at = NOON } = options;
  const lines = samples.map((sample) =>
    typeof sample === "string" ? sample : JSON.stringify(sample),
  );
  const body = options.body ?? gzipSync(`${lines.join("\n")}\n`);
  const signature = sign(null, preAuthEncoding(SEGMENT_TYPE, body), options.key ?? host.key);
  const path = segmentPath(options.host ?? host.name, EPOCH, first, last);
  const response = await fetch(`${hub.url}${path}`, {
    method: "PUT",
    headers: {
      authorization: `Bearer ${options.token ?? (await tokenOf(host, { at }))}`,
      "content-type": SEGMENT_TYPE,
      [SIGNATURE_HEADER]: signature.toString("base64"),
    },
    body: Uint8Array.from(body),
  });
  return { status: response.status, body: await response.json() };
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
