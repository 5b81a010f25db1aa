/** A gateway with a route `mail` over deployments, each with an engine of its own, and each larger than the one before. */
import { setTimeout as delay } from "node:timers/promises";
import type { HostPlan, PlannedRoute } from "@millwright/schema";
import type { Lease, Serving } from "../../agent/reconcile/reconcile.ts";
import { type Engine, EngineError, type GenerateRequest } from "../../agent/runner/runner.ts";
import { echoEngine, startGateway, verifiedPlan } from "./gateway-kit.ts";

export interface Saying extends Engine {
  readonly asked: GenerateRequest[];
}

/** An engine that says one thing, and how sure it is, when it is asked. */
export function saying(
  text: string,
  { sure = 1, fails, waitMs = 0 }: { sure?: number; fails?: EngineError; waitMs?: number } = {},
): Saying {
  const asked: GenerateRequest[] = [];
  return {
    ...echoEngine(),
    asked,
    async *generate(request, signal) {
      asked.push(request);
      if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw new EngineError("cancelled", "It was cancelled.");
      if (fails !== undefined) throw fails;
      yield { kind: "text", text };
      yield {
        ...{ kind: "done", finishReason: "stop", usage: { inputTokens: 3, outputTokens: 1 } },
        ...(request.confidence && { confidence: sure }),
      };
    },
  };
}

type Engines = Readonly<Record<string, Engine>>;

export async function routesOf(
  route: Partial<PlannedRoute>,
  engines: Engines,
  changes: Parameters<typeof startGateway>[1] = {},
) {
  const { triage } = verifiedPlan().plan.deployments;
  if (triage === undefined) throw new Error("impossible: the plan has it");
  const names = Object.keys(engines);
  const deployments = Object.fromEntries(
    names.map((name, index) => [name, { ...triage, context: 1_000 * (index + 1) }]),
  );
  const routes: HostPlan["routes"] = { mail: { factory: "support", to: names, ...route } };
  const plan = verifiedPlan({ deployments, routes });
  let out = 0;
  const serving: Serving = {
    plan: () => plan,
    names: () => [],
    lease(deployment) {
      const engine = engines[deployment];
      const planned = plan.plan.deployments[deployment];
      const factory = plan.plan.factories["support"];
      if (engine === undefined || planned === undefined || factory === undefined)
        return { kind: "not-ready", reason: `${deployment}: it is loading.` };
      out += 1;
      const release = () => {
        out -= 1;
      };
      return { engine, deployment, planned, factory, plan, release } satisfies Lease;
    },
  };
  const made = await startGateway([], { serving, plan: () => plan, ...changes });
  const ask = async (change: object = {}) => {
    const body = { model: "mail", messages: [{ role: "user", content: "two words" }], ...change };
    const response = await made.post("/v1/chat/completions", body);
    const { headers } = response;
    return { status: response.status, headers, text: await response.text() };
  };
  const answer = async (change: object = {}) => {
    const { headers, text, status } = await ask(change);
    const { choices, x_millwright, error } = JSON.parse(text);
    return {
      status,
      headers,
      error,
      said: choices?.[0]?.message.content,
      maker: x_millwright,
      text,
    };
  };
  return { ...made, plan, ask, answer, out: () => out };
}
