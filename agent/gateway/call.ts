import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../life/life.ts";
import type { Lease } from "../reconcile/reconcile.ts";
import { type ApiError, bodyOf, tooLate } from "./api-error.ts";
import type { Guest } from "./guest.ts";
import { decisionToken, type Trace, traceIn } from "./trace.ts";
import type { Waiting } from "./turns.ts";
import { withinOf } from "./within.ts";

/** Answers with an error, in the shape of the API. */
export function refuse(reply: FastifyReply, error: ApiError): FastifyReply {
  if (error.status === 401) reply.header("www-authenticate", "Bearer");
  if (error.retryAfterS !== undefined) reply.header("retry-after", String(error.retryAfterS));
  return reply.code(error.status).send(bodyOf(error));
}

/** Aborts when the client has gone, when its time is over, or when the gateway can wait no longer. */
export interface Patience {
  readonly signal: AbortSignal;
  /** When the client's time is over, in milliseconds since the Unix epoch; absent: never. */
  readonly until?: number;
  /** It is over. */
  readonly late: () => boolean;
  /** The client itself has gone: nobody is there to be told anything. */
  readonly gone: () => boolean;
}

/** How long a client waits. Milliseconds. */
export interface Limit {
  readonly clock: Clock;
  readonly ms: number;
}

/** The time that a request itself allows for its answer. */
export function limitOf(
  { clock }: { readonly clock: Clock },
  { headers }: FastifyRequest,
): Limit | undefined {
  const ms = withinOf(headers);
  return ms === undefined ? undefined : { clock, ms };
}

export function patienceOf(reply: FastifyReply, deadline: AbortSignal, limit?: Limit): Patience {
  const ending = new AbortController();
  const { raw } = reply;
  let gone = false;
  let late = false;
  const end = () => ending.abort();
  if (deadline.aborted) end();
  // Not `AbortSignal.any`: the deadline outlives every request, and must not keep what an engine hangs on this one.
  deadline.addEventListener("abort", end, { once: true });
  raw.once("close", () => {
    deadline.removeEventListener("abort", end);
    if (raw.writableFinished) return;
    gone = true;
    end();
  });
  const known = { signal: ending.signal, gone: () => gone, late: () => late };
  if (limit === undefined) return known;
  const { clock, ms } = limit;
  const over = new AbortController();
  raw.once("close", () => over.abort());
  void clock.sleep(ms, over.signal).then(() => {
    if (over.signal.aborted) return;
    late = true;
    end();
  });
  return { ...known, until: clock.now() + ms };
}

/** How a guest waits for its turn. */
export function waitingOf({ caller, priority }: Guest, { signal, until }: Patience): Waiting {
  return { caller, priority, signal, ...(until !== undefined && { until }) };
}

/** Answers with an error, where somebody is left to read it. */
export function refuseIfThere(
  reply: FastifyReply,
  patience: Patience,
  error: ApiError,
): FastifyReply {
  if (patience.gone()) return reply.hijack();
  return refuse(reply, patience.late() ? tooLate : error);
}

/** Who answered and why, for the headers of an answer. */
export function signed(
  reply: FastifyReply,
  { plan, planned, deployment, at }: Lease,
  guest: Guest,
  trace: Trace,
): void {
  reply.headers(guest.left());
  reply.header("x-millwright-plan", at?.plan ?? plan.digest);
  if (at !== undefined) reply.header("x-millwright-host", at.host);
  reply.header("x-millwright-deployment", deployment);
  reply.header("x-millwright-model", planned.model.name);
  if (planned.adapter !== undefined) reply.header("x-millwright-adapter", planned.adapter.name);
  reply.header("x-millwright-route", trace.name);
  reply.header("x-millwright-rule", trace.rule);
  const decision = decisionToken(trace);
  if (decision !== undefined) reply.header("x-millwright-decision", decision);
}

/** Who answered and why, for the body. */
export function makerOf({ plan, planned, deployment, at }: Lease, trace: Trace): object {
  const { model, adapter } = planned;
  return {
    ...{ deployment, model: model.name },
    ...(adapter === undefined ? {} : { adapter: adapter.name }),
    plan: at?.plan ?? plan.digest,
    revision: at?.revision ?? plan.revision.predicate.number,
    host: at?.host ?? plan.plan.host,
    route: traceIn(trace),
  };
}
