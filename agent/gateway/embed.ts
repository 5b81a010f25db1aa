import type { FastifyReply, FastifyRequest } from "fastify";
import Type, { type Static } from "typebox";
import { EngineError } from "../runner/runner.ts";
import { unsupported } from "./api-error.ts";
import { refuse } from "./call.ts";
import { consult } from "./consult.ts";
import type { Office } from "./office.ts";
import { ModelName, nullable, refusedField } from "./request-fields.ts";

/** The body of `POST /v1/embeddings`. Inputs are texts; lists of token numbers mean something else to every model. */
export const EmbeddingRequest = Type.Object({
  model: ModelName,
  input: Type.Union([
    Type.String({ minLength: 1 }),
    Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 2048 }),
  ]),
  encoding_format: nullable(Type.Enum(["float", "base64"])),
  /** No model file says whether its vectors may be cut short, so only their own length is taken. */
  dimensions: nullable(Type.Integer({ minimum: 1 })),
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
  const { model, dimensions } = body;
  const inputs = typeof body.input === "string" ? [body.input] : body.input;
  const encode =
    body.encoding_format === "base64" ? base64Of : (vector: readonly number[]) => vector;
  return consult(office, request, reply, {
    ...{ model, param: "input", operation: "embeddings", texts: inputs },
    async ask(engine, signal) {
      const answer = await engine.embed(inputs, signal);
      if (answer.vectors.length === inputs.length) return answer;
      throw new EngineError("engine-failed", "The model did not embed every input.");
    },
    worded({ vectors }) {
      const other = vectors.find(({ length }) => length !== (dimensions ?? length));
      if (other !== undefined) {
        const message = `The vectors of this model have ${other.length} dimensions, and cannot be cut. Leave dimensions out.`;
        return { ok: false, error: unsupported("dimensions", message) };
      }
      const data = vectors.map((vector, index) => {
        return { object: "embedding", index, embedding: encode(vector) };
      });
      return { ok: true, value: { object: "list", data, model } };
    },
  });
}

/** 32-bit floats, the low byte first, as the official clients decode them. */
function base64Of(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
