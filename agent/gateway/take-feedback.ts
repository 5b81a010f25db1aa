import type { FastifyReply, FastifyRequest } from "fastify";
import { shown, unavailable, unknownModel, wrong } from "./api-error.ts";
import { refuse } from "./call.ts";
import { type FeedbackRequest, readFeedback } from "./feedback-request.ts";
import type { Office } from "./office.ts";
import type { Origin } from "./recorder.ts";

/** Keeps what somebody says of an answer. `202` is given once it survives a power cut. */
export async function takeFeedback(
  { plan, recorder, serving, callers }: Office,
  request: FastifyRequest,
  reply: FastifyReply,
  body: FeedbackRequest,
): Promise<FastifyReply> {
  // Whoever knows the id of an answer was given the answer; a name is known to everybody.
  const { authorization } = request.headers;
  const found = body.model === undefined ? undefined : callers.of(authorization, body.model);
  if (found?.ok === false) return refuse(reply, found.error);
  const stranger = callers.stranger(authorization);
  if (stranger !== undefined) return refuse(reply, stranger);
  const opinion = readFeedback(body);
  if (!opinion.ok) return refuse(reply, opinion.error);
  const origin = body.model === undefined ? undefined : originOf(body.model, plan());
  if (body.model !== undefined && origin === undefined) {
    return refuse(
      reply,
      unknownModel(
        body.model,
        serving.names().map(({ name }) => name),
      ),
    );
  }
  const taken = await recorder.opinion({
    ...opinion.value,
    ...(origin === undefined ? {} : { origin }),
  });
  if (taken.ok) return reply.code(202).send({ id: taken.id });
  switch (taken.why) {
    case "unknown-interaction": {
      const message = `This host does not remember the answer ${shown(body.id)}. Send model as well: the name that was asked.`;
      return refuse(reply, wrong("interaction_not_found", message, "id", 404));
    }
    case "keeps-none": {
      const message = `The factory ${taken.factory} keeps no feedback. Its definition says so; give it a field feedback.`;
      return refuse(reply, wrong("feedback_off", message, null, 403));
    }
    case "too-large":
      return refuse(reply, wrong("feedback_too_large", "That is too long to be kept.", null, 413));
    case "cannot-keep":
      return refuse(
        reply,
        unavailable(
          "feedback_not_kept",
          "The host cannot write feedback now. Send it again later.",
          30,
        ),
      );
  }
}

/** What a name stands for in the plan that the host runs now. */
function originOf(task: string, verified: ReturnType<Office["plan"]>): Origin | undefined {
  if (verified === undefined) return undefined;
  const { deployments, routes, factories } = verified.plan;
  const route = Object.hasOwn(routes, task) ? routes[task] : undefined;
  const deployment = route?.to[0] ?? task;
  const planned = Object.hasOwn(deployments, deployment) ? deployments[deployment] : undefined;
  const factory = planned === undefined ? undefined : factories[planned.factory];
  if (planned === undefined || factory === undefined) return undefined;
  return { task, deployment, planned, factory, plan: verified };
}
