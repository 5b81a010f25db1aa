/** Models that read and do not write: for vectors, and for scores. */
import { expect, test } from "vitest";
import { embeddingModel, rankingModel } from "./runner-encoders-kit.ts";
import { answer, artifact, codeOf, complete, mail, never, runner, specOf } from "./runner-kit.ts";

const query = "where is my parcel?";

test("a ranking model scores documents, in their order, and nothing else", async () => {
  const { engine } = await runner({ model: artifact(await rankingModel()), context: 256 });
  const documents = ["my invoice is paid twice", "the weather is fine", "the parcel is late"];
  const { scores, inputTokens } = await engine.rerank({ query, documents }, never);
  const [invoice = 0, weather = 0, parcel = 0] = scores;
  expect([parcel > invoice, invoice > weather]).toEqual([true, true]);
  expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
  // The five tokens of the query and a separator with each, and thirteen of the documents.
  expect(inputTokens).toBe(3 * 6 + 13);
  expect(await engine.rerank({ query, documents: [] }, never)).toEqual({
    ...{ scores: [], inputTokens: 0 },
  });
  // More than goes in one line of the protocol, and the same scores.
  const many = Array.from({ length: 40 }, (_, index) => documents[index % 3] ?? "");
  expect((await engine.rerank({ query, documents: many }, never)).scores).toEqual(
    many.map((_, index) => scores[index % 3]),
  );
  // Beyond the places that the file has numbers for, the engine would end the process.
  const long = "parcel ".repeat(200);
  expect(await codeOf(engine.rerank({ query, documents: ["a", long] }, never))).toBe(
    "prompt-too-long",
  );
  expect(await codeOf(engine.rerank({ query: long, documents: ["a"] }, never))).toBe(
    "prompt-too-long",
  );
  const fits = "parcel ".repeat(128 - 1 - 7);
  expect((await engine.rerank({ query, documents: [fits] }, never)).scores).toHaveLength(1);
  const gone = AbortSignal.abort();
  expect(await codeOf(engine.rerank({ query, documents }, gone))).toBe("cancelled");
  expect(await codeOf(engine.embed([mail], never))).toBe("unsupported");
  expect(await codeOf(complete(engine, mail))).toBe("unsupported");
  expect(await codeOf(answer(engine, mail))).toBe("unsupported");
});

test("an embedding model tells texts apart, within its own places, and does not rank", async () => {
  const { engine } = await runner({ model: artifact(await embeddingModel()), context: 256 });
  const { vectors } = await engine.embed(
    ["the parcel is late", "late is the parcel", "my invoice is paid twice"],
    never,
  );
  const [one = [], same = [], other = []] = vectors;
  const cosine = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  expect(one).toHaveLength(32);
  expect(cosine(one, same)).toBeCloseTo(1, 4);
  expect(cosine(one, other)).toBeLessThan(0.9);
  expect(await codeOf(engine.embed(["parcel ".repeat(200)], never))).toBe("prompt-too-long");
  expect((await engine.embed(["parcel ".repeat(125)], never)).vectors).toHaveLength(1);
  expect(await codeOf(engine.rerank({ query, documents: [mail] }, never))).toBe("unsupported");
  expect(await codeOf(complete(engine, mail))).toBe("unsupported");
});

test("a model that writes does not rank", async () => {
  const { engine } = await runner(specOf());
  expect(await codeOf(engine.rerank({ query, documents: [mail] }, never))).toBe("unsupported");
});
