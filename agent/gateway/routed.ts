import { adapterNamesOf, type HostPlan, type PlannedRoute } from "@millwright/schema";
import type { FastifyRequest } from "fastify";
import {
  bodyFacts,
  type Candidate,
  type Decision,
  decide,
  type Evidence,
  estimatedTokens,
  type Facts,
  pointOf,
  type Ruling,
  reads,
} from "../routing/routing.ts";
import { notReady, type Read, unknownModel } from "./api-error.ts";
import { classified } from "./classify.ts";
import type { Guest } from "./guest.ts";
import { languageOf } from "./language.ts";
import type { Office } from "./office.ts";
import type { Trace } from "./trace.ts";
import type { Waiting } from "./turns.ts";

/** What a task is, as far as rules can ask. */
export interface Asking {
  readonly name: string;
  /** `gen_ai.operation.name` of the semantic conventions. */
  readonly operation: string;
  readonly texts: readonly string[];
  readonly schema: boolean;
  readonly stream: boolean;
}

/** Who is to answer a task, in order, and why. */
export interface Routed {
  readonly candidates: readonly Candidate[];
  readonly trace: Trace;
  readonly escalate?: PlannedRoute["escalate"];
  readonly shadow?: PlannedRoute["shadow"];
}

/** Looks up who answers a task by the rules of its route; asks a classifier where a rule wants that. */
export async function routed(
  office: Office,
  request: FastifyRequest,
  asking: Asking,
  guest: Guest,
  who: Waiting,
): Promise<Read<Routed>> {
  const { name } = asking;
  const plan = office.serving.plan()?.plan;
  if (plan === undefined)
    return { ok: false, error: notReady(name, ["this host has no plan yet"]) };
  const route = Object.hasOwn(plan.routes, name) ? plan.routes[name] : undefined;
  // Whoever has no rules has nothing to be judged by: facts cost little, and nothing costs less.
  const chooses = route?.choose !== undefined;
  const open = office.breakers.open(office.clock.now());
  const known: Evidence = chooses
    ? await evidenceOf(request, asking, guest, route, open)
    : { ...nothing, open };
  const rulings: Ruling[] = [];
  for (;;) {
    const evidence = { ...known, rulings };
    const decision: Decision | undefined = decide(plan, name, evidence);
    if (decision === undefined) return { ok: false, error: unknownModel(name, namesIn(plan)) };
    if (decision.kind === "taken") {
      const { candidates, rule } = decision;
      const trace = { name, rule, ...(chooses && { evidence }) };
      const { escalate, shadow } = route ?? {};
      return {
        ok: true,
        value: {
          ...{ candidates, trace },
          ...(escalate !== undefined && { escalate }),
          ...(shadow !== undefined && { shadow }),
        },
      };
    }
    rulings.push(await classified(office, decision, asking.texts, guest, who));
  }
}

function namesIn(plan: HostPlan): readonly string[] {
  const { deployments, routes, elsewhere = {} } = plan;
  const named = [deployments, routes, elsewhere].flatMap((all) => Object.keys(all));
  return [...new Set([...named, ...adapterNamesOf(plan)])];
}

const noFacts: Facts = {
  ...{ task: "", operation: "", language: "", caller: "", priority: "normal" },
  ...{ tokens: 0, messages: 0, tools: false, schema: false, stream: false },
};
const nothing: Evidence = { facts: noFacts, point: 0, rulings: [], open: [] };

async function evidenceOf(
  request: FastifyRequest,
  { name, operation, texts, schema, stream }: Asking,
  { caller, priority }: Guest,
  route: PlannedRoute,
  open: readonly string[],
): Promise<Evidence> {
  const { task, user, episode, tools } = bodyFacts(request.body);
  const language = reads(route, "language") ? await languageOf(texts.at(-1) ?? "") : "";
  const facts: Facts = {
    ...{ operation, schema, stream, tools, language, caller, priority },
    task: task ?? name,
    tokens: estimatedTokens(texts),
    messages: texts.length,
  };
  return { facts, point: pointOf(name, episode ?? user ?? request.id), rulings: [], open };
}
