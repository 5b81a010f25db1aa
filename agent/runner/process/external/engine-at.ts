import type { Engine, GenerateEvent } from "../../engine.ts";
import { EngineError } from "../../engine.ts";
import type { RunnerSpec } from "../../spec.ts";
import { unit } from "../unit-vector.ts";
import type { Answer, Api } from "./api.ts";
import { readingOf } from "./completion.ts";
import { eventsOf } from "./event-stream.ts";
import { questionOf } from "./question.ts";
import { readRanking } from "./ranking.ts";
import { refusalOf } from "./refusal.ts";
import { readVectors } from "./vectors.ts";

/** Bytes of an answer that is no stream: sixteen vectors of the longest models take a tenth of it. */
const MAX_BODY = 32 * 1024 ** 2;

/** Answers by asking an engine that speaks OpenAI's API. */
export function engineAt(api: Api, spec: RunnerSpec): Engine {
  return {
    async *generate(request, signal): AsyncGenerator<GenerateEvent, void> {
      const { path, body } = questionOf(request, spec);
      const answer = await api.ask(path, body, signal);
      await demandWell(answer);
      if (!answer.type.includes("text/event-stream")) {
        await answer.chunks.return();
        throw new EngineError(
          "engine-failed",
          `The engine was asked for a stream and sent ${answer.type === "" ? "something" : answer.type}.`,
        );
      }
      const reading = readingOf(request.prompt.kind);
      for await (const event of eventsOf(answer.chunks)) yield* reading.read(event);
      yield reading.end();
    },
    async embed(inputs, signal) {
      const body = { model: spec.deployment, input: inputs, encoding_format: "float" };
      const answer = await api.ask("/v1/embeddings", body, signal);
      await demandWell(answer);
      const { vectors, inputTokens } = readVectors(await textOf(answer), inputs.length);
      return { vectors: vectors.map(unit), inputTokens };
    },
    async rerank({ query, documents }, signal) {
      const body = { model: spec.deployment, query, documents, top_n: documents.length };
      const answer = await api.ask("/v1/rerank", body, signal);
      await demandWell(answer);
      return readRanking(await textOf(answer), documents.length);
    },
  };
}

async function demandWell(answer: Answer): Promise<void> {
  const { status } = answer;
  if (status < 200 || status > 299) throw refusalOf(status, await textOf(answer));
}

async function textOf({ chunks }: Answer): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_BODY)
      throw new EngineError("engine-failed", `The engine answered more than ${MAX_BODY} bytes.`);
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString("utf8");
}
