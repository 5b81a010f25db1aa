import type { FastifyReply } from "fastify";
import type { Lease } from "../reconcile/reconcile.ts";
import { type ApiError, bodyOf } from "./api-error.ts";
import type { Guest } from "./guest.ts";

/** Answers with an error, in the shape of the API. */
export function refuse(reply: FastifyReply, error: ApiError): FastifyReply {
  if (error.status === 401) reply.header("www-authenticate", "Bearer");
  if (error.retryAfterS !== undefined) reply.header("retry-after", String(error.retryAfterS));
  return reply.code(error.status).send(bodyOf(error));
}

/** Aborts when the client has gone, or when the gateway can wait no longer. */
export interface Patience {
  readonly signal: AbortSignal;
  /** The client itself has gone: nobody is there to be told anything. */
  readonly gone: () => boolean;
}

export function patienceOf(reply: FastifyReply, deadline: AbortSignal): Patience {
  const ending = new AbortController();
  const { raw } = reply;
  let gone = false;
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
  return { signal: ending.signal, gone: () => gone };
}

/** Answers with an error, where somebody is left to read it. */
export function refuseIfThere(
  reply: FastifyReply,
  patience: Patience,
  error: ApiError,
): FastifyReply {
  return patience.gone() ? reply.hijack() : refuse(reply, error);
}

/** Who answered, for the headers of an answer. */
export function signed(reply: FastifyReply, { plan, deployment }: Lease, guest: Guest): void {
  reply.headers(guest.left());
  reply.header("x-millwright-plan", plan.digest);
  reply.header("x-millwright-deployment", deployment);
}

/** Who answered, for the body. */
export function makerOf({ plan, planned, deployment }: Lease): object {
  const { model, adapter } = planned;
  return {
    ...{ deployment, model: model.name },
    ...(adapter === undefined ? {} : { adapter: adapter.name }),
    plan: plan.digest,
    revision: plan.revision.predicate.number,
    host: plan.plan.host,
  };
}
