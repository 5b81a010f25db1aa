/** A state folder, a hub that is a real server, and interactions as the gateway hands them over. */
import { generateKeyPairSync, verify } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  Envelope,
  type HostName,
  keyObjectOf,
  open,
  type PlannedFactory,
  preAuthEncoding,
  publicKeyOf,
  RECEIPT_TYPE,
  readerOf,
  Sample,
  SEGMENT_TYPE,
  SIGNATURE_HEADER,
} from "@millwright/schema";
import { onTestFinished } from "vitest";
import type { Identity } from "../../agent/disk/disk.ts";
import {
  type Feedback,
  type FeedbackRequest,
  openFeedback,
} from "../../agent/feedback/feedback.ts";
import type { Interaction } from "../../agent/gateway/gateway.ts";
import {
  type Clock,
  type Conditions,
  conditionsOf,
  silentJournal,
  systemChance,
  systemClock,
  uuid7,
} from "../../agent/life/life.ts";
import { verifiedPlan } from "./gateway-kit.ts";

const readSample = readerOf(Sample);
const readEnvelope = readerOf(Envelope);

export function identityOf(host = "fra-1"): Identity {
  const { privateKey } = generateKeyPairSync("ed25519");
  const publicKey = publicKeyOf(privateKey);
  return { host: host as HostName, key: privateKey, publicKey, hubs: ["ws://127.0.0.1:7420"] };
}

export interface Folder {
  readonly spool: string;
  readonly outbox: string;
  /** Every byte of every file, names included, segments unpacked. */
  everything(): Promise<string>;
  /** Paths under the folder. */
  files(): Promise<readonly string[]>;
}

export async function stateFolder(): Promise<Folder> {
  const root = await mkdtemp(join(tmpdir(), "feedback-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const state = { spool: join(root, "spool"), outbox: join(root, "outbox") };
  for (const folder of Object.values(state)) await mkdir(folder);
  const files = async () => {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .toSorted();
  };
  return {
    ...state,
    files,
    async everything() {
      const texts = (await files()).map(async (path) => {
        const bytes = await readFile(path);
        return `${path}\n${(path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8")}`;
      });
      return (await Promise.all(texts)).join("\n");
    },
  };
}

export interface OpenFeedback {
  readonly feedback: Feedback;
  readonly conditions: Conditions;
  /** Starts the upload; it ends with the test. */
  start(): void;
  close(): Promise<void>;
}

export async function opened(
  folder: Pick<Folder, "spool" | "outbox">,
  changes: Partial<FeedbackRequest> = {},
): Promise<OpenFeedback> {
  const { clock = systemClock } = changes;
  const conditions = conditionsOf(clock);
  const feedback = await openFeedback({
    ...{ identity: identityOf(), state: folder, runtime: "echo 1" },
    ...{ hubs: () => [], token: async () => "token" },
    ...{ clock, chance: systemChance, journal: silentJournal, conditions },
    ...changes,
  });
  const end = new AbortController();
  let uploading: Promise<void> = Promise.resolve();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= (async () => {
      end.abort();
      await uploading;
      await feedback[Symbol.asyncDispose]();
    })();
    return closed;
  };
  onTestFinished(close);
  return {
    ...{ feedback, conditions, close },
    start() {
      uploading = feedback.upload(end.signal);
    },
  };
}

/** A clock that stands still until it is moved. */
export function stillClock(now = Date.UTC(2026, 8, 30)): Clock & { advance(ms: number): void } {
  let time = now;
  return {
    now: () => time,
    sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal),
    advance(ms) {
      time += ms;
    },
  };
}

export function interactionOf(
  input: string,
  output: string,
  rules: Partial<NonNullable<PlannedFactory["feedback"]>> | null = {},
): Interaction {
  const plan = verifiedPlan();
  const { triage: planned } = plan.plan.deployments;
  const { support } = plan.plan.factories;
  if (planned === undefined || support?.feedback === undefined) throw new Error("no such plan");
  const { feedback, ...silent } = support;
  const factory = rules === null ? silent : { ...silent, feedback: { ...feedback, ...rules } };
  const text = (role: string, content: string) => ({
    role,
    parts: [{ type: "text" as const, content }],
  });
  return {
    id: uuid7(Date.now(), systemChance),
    at: Date.now(),
    origin: { task: "summarise-mail", deployment: "triage", planned, factory, plan },
    body: {
      input: [text("user", input)],
      output: [{ ...text("assistant", output), finish_reason: "stop" }],
      finishReason: "stop",
      usage: { inputTokens: 1, outputTokens: 1 },
      durationMs: 12,
    },
  };
}

export interface FakeHub {
  readonly url: string;
  /** By id: a sample that came twice counts once. */
  readonly samples: Map<string, Sample>;
  readonly receipts: Map<string, unknown>;
  /** Bodies by path, every time one came. */
  readonly bodies: { readonly path: string; readonly body: Buffer }[];
  readonly tokens: string[];
  /** What to answer instead of the truth; `lose` takes the request and closes the connection. */
  instead:
    | { readonly status: number; readonly headers?: Record<string, string> }
    | "lose"
    | undefined;
  stop(): Promise<void>;
}

/** Takes segments and receipts as the hub does: only what the host signed, at its place. */
export async function fakeHub(identity: Identity, port = 0): Promise<FakeHub> {
  const hub: Omit<FakeHub, "url" | "stop"> = {
    ...{ samples: new Map(), receipts: new Map(), bodies: [], tokens: [], instead: undefined },
  };
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const path = request.url ?? "";
    hub.bodies.push({ path, body });
    hub.tokens.push(request.headers.authorization ?? "");
    const { instead } = hub;
    if (typeof instead === "object") {
      response.writeHead(instead.status, instead.headers).end('{"error":"as told"}');
      return;
    }
    const committed =
      request.method === "PUT"
        ? takeSegment(hub, identity, path, body, String(request.headers[SIGNATURE_HEADER]))
        : takeReceipt(hub, identity, body);
    if (instead === "lose") request.socket.destroy();
    else response.end(JSON.stringify({ committed }));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const stop = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  return Object.assign(hub, { url: `ws://127.0.0.1:${address.port}`, stop });
}

function takeSegment(
  hub: Pick<FakeHub, "samples">,
  { publicKey, host }: Identity,
  path: string,
  body: Buffer,
  signature: string,
): number {
  const signed = preAuthEncoding(SEGMENT_TYPE, body);
  if (!verify(null, signed, keyObjectOf(publicKey), Buffer.from(signature, "base64"))) {
    throw new Error("a segment that the host did not sign");
  }
  const [, from, epoch, first = "", last = ""] =
    /^\/v1\/feedback\/([^/]+)\/([^/]+)\/(\d+)-(\d+)$/.exec(path) ?? [];
  const lines = gunzipSync(body).toString("utf8").trimEnd().split("\n");
  let seq = Number(first) - 1;
  for (const line of lines) {
    const sample = readSample(JSON.parse(line));
    if (!sample.ok || from !== host || sample.value.epoch !== epoch || sample.value.seq <= seq) {
      throw new Error(`no sample of ${path}: ${line}`);
    }
    seq = sample.value.seq;
    hub.samples.set(sample.value.id, sample.value);
  }
  if (seq > Number(last)) throw new Error(`more than ${path} says`);
  return Number(last);
}

function takeReceipt(
  hub: Pick<FakeHub, "receipts">,
  { publicKey }: Identity,
  body: Buffer,
): string {
  const envelope = readEnvelope(JSON.parse(body.toString("utf8")));
  const payload = envelope.ok ? open(envelope.value, RECEIPT_TYPE, publicKey) : undefined;
  if (payload === undefined) throw new Error("a receipt that the host did not sign");
  const receipt = JSON.parse(payload.toString("utf8")) as { id: string };
  hub.receipts.set(receipt.id, receipt);
  return receipt.id;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
