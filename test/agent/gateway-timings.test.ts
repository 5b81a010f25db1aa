/** How long tasks took, as the gateway counts it. */
import { expect, test } from "vitest";
import { echoEngine, startGateway } from "./gateway-kit.ts";

const messages = [{ role: "user" as const, content: "one two three four" }];

test("each task is timed once: its turn, its first piece, each token, the whole", async () => {
  const { client, gateway, post } = await startGateway([echoEngine({ pauseMs: 20 })]);
  const create = client.chat.completions.create.bind(client.chat.completions);
  await Promise.all([
    create({ model: "triage", messages }),
    create({ model: "triage", messages, stream: true }).then(async (stream) => {
      for await (const _ of stream);
    }),
    create({ model: "summarise-mail", messages }),
  ]);
  await client.embeddings.create({ model: "triage", input: "x" });
  await post("/v1/chat/completions", { model: "nobody", messages });
  const [chat, route, embeddings, ...others] = gateway
    .timings()
    .toSorted((a, b) => `${a.operation}${b.model}`.localeCompare(`${b.operation}${a.model}`));
  expect(others).toEqual([]);
  const of = { deployment: "triage" };
  expect(chat).toMatchObject({ ...of, operation: "chat", model: "triage" });
  expect(route).toMatchObject({ ...of, operation: "chat", model: "summarise-mail" });
  expect(embeddings).toMatchObject({ ...of, operation: "embeddings", model: "triage" });
  const sum = (counts: readonly number[] = []) => counts.reduce((all, count) => all + count, 0);
  const { duration, queue, firstToken, perToken } = chat?.histograms ?? {};
  expect([duration, queue, firstToken, perToken].map((each) => sum(each?.counts))).toEqual([
    2, 2, 2, 2,
  ]);
  expect(sum(embeddings?.histograms.firstToken.counts)).toBe(0);
  // One place: two of the three had to wait for the others.
  const waited = (queue?.sum ?? 0) + (route?.histograms.queue.sum ?? 0);
  expect(waited).toBeGreaterThan(0.1);
  expect(duration?.sum).toBeGreaterThanOrEqual(firstToken?.sum ?? Number.NaN);
});
