import type { FastifyReply, FastifyRequest } from "fastify";
import type { Engine } from "../runner/runner.ts";
import type { Read } from "./api-error.ts";
import { limitOf, makerOf, patienceOf, refuse, refuseIfThere, signed, waitingOf } from "./call.ts";
import { guestOf } from "./guest.ts";
import type { Office } from "./office.ts";
import { routed } from "./routed.ts";
import { timesOf } from "./timings.ts";
import { withTried } from "./trace.ts";

/** Something to ask of a model that it gives whole, and without writing: vectors, scores. */
export interface Question<T extends { readonly inputTokens: number }> {
  /** A deployment or a route. */
  readonly model: string;
  /** The field of the request that the model reads. */
  readonly param: string;
  /** `gen_ai.operation.name` of the semantic conventions. */
  readonly operation: string;
  /** What the model reads. */
  readonly texts: readonly string[];
  ask(engine: Engine, signal: AbortSignal): Promise<T>;
  /** The answer's body, without usage and maker. */
  worded(value: T): Read<object>;
}

/** Asks it and answers with what the model says. Nothing of it is kept for feedback. */
export async function consult<T extends { readonly inputTokens: number }>(
  office: Office,
  request: FastifyRequest,
  reply: FastifyReply,
  { model, param, operation, texts, ask, worded }: Question<T>,
): Promise<FastifyReply> {
  const admitted = guestOf(office, request, model);
  if (!admitted.ok) return refuse(reply, admitted.error);
  const guest = admitted.value;
  const at = office.clock.now();
  let begunAt = at;
  const patience = patienceOf(reply, office.deadline, limitOf(office, request));
  const waiting = waitingOf(guest, patience);
  const asking = { name: model, operation, texts, schema: false, stream: false };
  const found = await routed(office, request, asking, guest, waiting);
  if (!found.ok) return refuseIfThere(reply, patience, found.error);
  const { candidates } = found.value;
  const asked = await office.desk.serve(
    model,
    param,
    waiting,
    (engine) => {
      begunAt = office.clock.now();
      return ask(engine, patience.signal);
    },
    candidates,
  );
  if (!asked.ok) return refuseIfThere(reply, patience, asked.error);
  using served = asked;
  const { lease, value, tried } = served;
  const trace = withTried(found.value.trace, tried);
  const { inputTokens } = value;
  const now = office.clock.now();
  const { deployment } = lease;
  office.timings.take(
    { operation, model, deployment },
    timesOf({ at, begunAt, firstAt: undefined, now, tokens: 0 }),
  );
  guest.spend(deployment, inputTokens, 0);
  office.routeCounts.answered(trace, deployment);
  signed(reply, lease, guest, trace);
  const body = worded(value);
  if (!body.ok) return refuse(reply, body.error);
  return reply.send({
    ...body.value,
    usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
    x_millwright: makerOf(lease, trace),
  });
}
