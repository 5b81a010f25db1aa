/** A gateway over an engine that repeats what it hears: the second real implementation of `Engine`, in memory. */
import { generateKeyPairSync } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  canonicalDigest,
  digestOf,
  type HostName,
  type HostPlan,
  type PlannedFactory,
  publicKeyOf,
  REVISION_TYPE,
} from "@millwright/schema";
import OpenAI from "openai";
import { onTestFinished } from "vitest";
import {
  type Gateway,
  type GatewayRequest,
  gateway,
  type Interaction,
  type Opinion,
  type OpinionTaken,
} from "../../agent/gateway/gateway.ts";
import {
  type Conditions,
  conditionsOf,
  silentJournal,
  systemChance,
  systemClock,
} from "../../agent/life/life.ts";
import type { Lease, Serving } from "../../agent/reconcile/reconcile.ts";
import {
  type Engine,
  EngineError,
  type GenerateEvent,
  type GenerateRequest,
} from "../../agent/runner/runner.ts";
import type { VerifiedPlan } from "../../agent/trust/trust.ts";

export interface EchoSettings {
  /** Words that fit the context. */
  readonly context?: number;
  /** A pause before each word. */
  readonly pauseMs?: number;
  /** The process dies after so many words. */
  readonly diesAfter?: number;
}

export interface EchoEngine extends Engine {
  /** What it was asked, in order. */
  readonly asked: readonly GenerateRequest[];
  /** How often it was told to stop. */
  readonly cancelled: () => number;
}

/** Says the last thing it was told, word by word. Told `call NAME ARGUMENTS` it calls that, if it may, word by word. */
export function echoEngine({
  context = 1_000,
  pauseMs = 0,
  diesAfter = Number.POSITIVE_INFINITY,
}: EchoSettings = {}): EchoEngine {
  const asked: GenerateRequest[] = [];
  let cancelled = 0;
  const wordsOf = (text: string) => text.split(/(?<=\s)/).filter((word) => word !== "");
  const stopIf = (signal: AbortSignal) => {
    if (!signal.aborted) return;
    cancelled += 1;
    throw new EngineError("cancelled", "It was cancelled.");
  };

  async function* generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent> {
    asked.push(request);
    const { prompt, maxTokens = Number.POSITIVE_INFINITY, stop = [] } = request;
    const heard = prompt.kind === "chat" ? (prompt.messages.at(-1)?.content ?? "") : prompt.text;
    const inputTokens = wordsOf(heard).length;
    if (inputTokens > context) {
      throw new EngineError(
        "prompt-too-long",
        `The prompt has ${inputTokens} tokens; the context has ${context}.`,
      );
    }
    const [, name, args = ""] = /^call (\S+) ([\s\S]*)$/.exec(heard) ?? [];
    if (name !== undefined && request.tools !== undefined && request.toolChoice !== "none") {
      yield { kind: "tool-call", call: 0, name, arguments: "" };
      for (const word of wordsOf(args)) yield { kind: "tool-call", call: 0, arguments: word };
      yield { kind: "done", finishReason: "stop", usage: { inputTokens, outputTokens: 1 } };
      return;
    }
    const cut = Math.min(...stop.map((text) => heard.indexOf(text)).filter((at) => at >= 0));
    const words = wordsOf(heard.slice(0, Number.isFinite(cut) ? cut : undefined));
    let outputTokens = 0;
    for (const text of words.slice(0, maxTokens)) {
      if (outputTokens >= diesAfter) throw new EngineError("engine-lost", "The process ended.");
      if (pauseMs > 0) await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      stopIf(signal);
      yield { kind: "text", text };
      outputTokens += 1;
    }
    const finishReason = outputTokens < words.length ? "length" : "stop";
    yield { kind: "done", finishReason, usage: { inputTokens, outputTokens } };
  }

  return {
    asked,
    cancelled: () => cancelled,
    generate,
    async embed(inputs, signal) {
      stopIf(signal);
      if (diesAfter === 0) throw new EngineError("engine-lost", "The process ended.");
      // Halves and quarters: exact as 32-bit floats.
      const vectors = inputs.map((text) => [text.length, text.length / 2, -0.25]);
      return { vectors, inputTokens: inputs.flatMap(wordsOf).length };
    },
    async rerank({ query, documents }, signal) {
      stopIf(signal);
      if (diesAfter === 0) throw new EngineError("engine-lost", "The process ended.");
      // How many words of the question are in the document: eighths are exact in any notation.
      const scores = documents.map((text) => {
        const words = new Set(text.split(/\s+/));
        return query.split(/\s+/).filter((word) => words.has(word)).length / 8;
      });
      const each = wordsOf(query).length;
      const inputTokens = documents.reduce((sum, text) => sum + each + wordsOf(text).length, 0);
      return { scores, inputTokens };
    },
  };
}

export const factoryRules: PlannedFactory = {
  owner: "team-support",
  feedback: { sample: 1, redact: "personal", keepMs: 90 * 86_400_000 },
  governance: { classification: "internal", purposes: ["serve", "evaluate", "train"] },
};

/** A plan with the deployment `triage`, the route `summarise-mail` to it, and `silent`, whose factory keeps nothing. */
export function verifiedPlan(changes: Partial<HostPlan> = {}): VerifiedPlan {
  const deployment = (factory: string) => ({
    factory,
    model: { name: "mail-triage", digest: digestOf("mail-triage") },
    adapter: { name: "care", digest: digestOf("care") },
    instances: [{ replica: 0, gpus: [] }],
    ...{ context: 1_000, parallel: 1, threads: 1, memory: 1, upgrade: "beside" as const },
  });
  const plan: HostPlan = {
    schema: "plan/1",
    host: "fra-1" as HostName,
    key: publicKeyOf(generateKeyPairSync("ed25519").publicKey),
    ...{ site: "fra", region: "de", hubs: ["ws://127.0.0.1:7420"] },
    gateway: { listen: "127.0.0.1:7430" },
    telemetry: { everyMs: 10_000 },
    blobs: {},
    deployments: { triage: deployment("support"), silent: deployment("discreet") },
    routes: { "summarise-mail": { factory: "support", to: ["triage"] } },
    factories: {
      support: factoryRules,
      discreet: { owner: "team-law", governance: factoryRules.governance },
    },
    ...changes,
  };
  const digest = canonicalDigest(plan);
  const commit = "a".repeat(40);
  return {
    plan,
    digest,
    revision: {
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "plans", digest: { sha256: "0".repeat(64) } }],
      predicateType: REVISION_TYPE,
      predicate: {
        ...{ number: 7, fleet: "acme", repository: "acme", commit, tree: commit },
        ...{ compiler: "0.1.0", hosts: 1 },
      },
    },
  } as VerifiedPlan;
}

/** Serves the names of the plan with these engines, the first one that is left. */
export function servingOf(
  verified: VerifiedPlan,
  engines: readonly Engine[],
): Serving & { readonly out: () => number } {
  const { deployments, elsewhere, routes, factories } = verified.plan;
  const known = Object.keys({ ...deployments, ...elsewhere, ...routes });
  let left = engines;
  let out = 0;
  return {
    out: () => out,
    names: () =>
      known.map((name) => ({
        name,
        kind: name in routes ? ("route" as const) : ("deployment" as const),
        since: 1_700_000_000_000,
      })),
    plan: () => verified,
    lease(deployment) {
      const planned = deployments[deployment];
      const factory = planned === undefined ? undefined : factories[planned.factory];
      if (planned === undefined || factory === undefined)
        return { kind: "not-ready", reason: `${deployment}: not on this host` };
      const [engine] = left;
      if (engine === undefined)
        return { kind: "not-ready", reason: `${deployment}: it is loading.` };
      // With several engines each answers once: the next lease gets the next.
      if (left.length > 1) left = left.slice(1);
      out += 1;
      let released = false;
      const lease: Lease = {
        ...{ engine, deployment, planned, factory, plan: verified },
        release() {
          if (released) throw new Error("released twice");
          released = true;
          out -= 1;
        },
      };
      return lease;
    },
  };
}

export interface TestGateway {
  readonly url: string;
  readonly client: OpenAI;
  readonly gateway: Gateway;
  readonly plan: VerifiedPlan;
  readonly serving: ReturnType<typeof servingOf>;
  readonly interactions: readonly Interaction[];
  readonly opinions: readonly Opinion[];
  readonly conditions: Conditions;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  stop(): Promise<void>;
}

export async function startGateway(
  engines: readonly Engine[],
  changes: Partial<GatewayRequest> & { readonly taken?: OpinionTaken } = {},
): Promise<TestGateway> {
  const plan = verifiedPlan();
  const serving = servingOf(plan, engines);
  const interactions: Interaction[] = [];
  const opinions: Opinion[] = [];
  const { taken = { ok: true, id: "sample" }, ...others } = changes;
  const conditions = conditionsOf(systemClock);
  const end = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let made: Gateway | undefined;
  const address = await new Promise<string>((resolve, reject) => {
    made = gateway({
      listen: "127.0.0.1:0",
      serving,
      plan: () => plan,
      recorder: {
        interaction: (seen) => void interactions.push(seen),
        opinion: async (said) => {
          opinions.push(said);
          return taken;
        },
      },
      ...{ clock: systemClock, chance: systemChance, journal: silentJournal, conditions },
      listening: resolve,
      ...others,
    });
    running = made.run(end.signal);
    running.catch(reject);
  });
  if (made === undefined) throw new Error("impossible: made before it listens");
  const stop = async () => {
    end.abort();
    await running;
  };
  onTestFinished(stop);
  const url = `http://${address}`;
  return {
    ...{ url, gateway: made, plan, serving, interactions, opinions, conditions, stop },
    client: new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 }),
    post: (path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
      }),
  };
}

/** Waits until something is the case, and complains when it never is. */
export async function eventually(what: string, holds: () => boolean, withinMs = 5_000) {
  const end = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await delay(5);
  }
}
