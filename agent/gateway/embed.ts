import type { FastifyReply, FastifyRequest } from "fastify";
import Type, { type Static } from "typebox";
import { EngineError } from "../runner/runner.ts";
import { makerOf, patienceOf, refuse, refuseIfThere, signed } from "./call.ts";
import { guestOf } from "./guest.ts";
import type { Office } from "./office.ts";
import { ModelName, nullable, refusedField } from "./request-fields.ts";
import { timesOf } from "./timings.ts";

/** The body of `POST /v1/embeddings`. Inputs are texts; lists of token numbers mean something else to every model. */
export const EmbeddingRequest = Type.Object({
  model: ModelName,
  input: Type.Union([
    Type.String({ minLength: 1 }),
    Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 2048 }),
  ]),
  encoding_format: nullable(Type.Enum(["float", "base64"])),
});
export type EmbeddingRequest = Static<typeof EmbeddingRequest>;

export async function embed(
  office: Office,
  request: FastifyRequest,
  reply: FastifyReply,
  body: EmbeddingRequest,
): Promise<FastifyReply> {
  const error = refusedField(body);
  if (error !== undefined) return refuse(reply, error);
  const admitted = guestOf(office, request, body.model);
  if (!admitted.ok) return refuse(reply, admitted.error);
  const guest = admitted.value;
  const at = office.clock.now();
  let begunAt = at;
  const patience = patienceOf(reply, office.deadline);
  const inputs = typeof body.input === "string" ? [body.input] : body.input;
  const { caller, priority } = guest;
  const waiting = { caller, priority, signal: patience.signal };
  const asked = await office.desk.serve(body.model, "input", waiting, async (engine) => {
    begunAt = office.clock.now();
    const answer = await engine.embed(inputs, patience.signal);
    if (answer.vectors.length === inputs.length) return answer;
    throw new EngineError("engine-failed", "The model did not embed every input.");
  });
  if (!asked.ok) return refuseIfThere(reply, patience, asked.error);
  using served = asked;
  const { lease, value } = served;
  const { vectors, inputTokens } = value;
  const now = office.clock.now();
  const { deployment } = lease;
  office.timings.take(
    { operation: "embeddings", model: body.model, deployment },
    timesOf({ at, begunAt, firstAt: undefined, now, tokens: 0 }),
  );
  guest.spend(deployment, inputTokens, 0);
  signed(reply, lease, guest);
  const encode =
    body.encoding_format === "base64" ? base64Of : (vector: readonly number[]) => vector;
  return reply.send({
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: encode(vector),
    })),
    model: body.model,
    usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
    x_millwright: makerOf(lease),
  });
}

/** 32-bit floats, the low byte first, as the official clients decode them. */
function base64Of(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
