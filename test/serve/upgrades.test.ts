/**
 * Models are exchanged under constant load. Every request is answered, every stream ends as it should, and each answer
 * says which plan made it: the numbers are held against each other.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { withAdapter } from "../attacks/models-kit.ts";
import { until } from "../attacks/until-kit.ts";
import { startWorld, type World } from "../attacks/world-kit.ts";
import { isLong } from "../long.ts";

const UPGRADES = isLong ? 50 : 5;
const STREAMS = 16;
const messages = [{ role: "user", content: "My parcel 4821 has not arrived. Ana" }];

let world: World;

beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(async () => world[Symbol.asyncDispose]());

interface Answered {
  readonly text: string;
  readonly adapter: string | undefined;
  readonly revision: number;
}

interface Chunk {
  readonly choices: readonly {
    readonly delta: { readonly content?: string };
    readonly finish_reason: string | null;
  }[];
  readonly x_millwright?: { readonly adapter?: string; readonly revision: number };
}

/** One streamed answer. Throws unless it was begun, went on and ended as the API says. */
async function stream(url: string): Promise<Answered> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "triage", stream: true, max_tokens: 12, messages }),
  });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${body}`);
  const events = body.split("\n\n").filter((event) => event !== "");
  if (events.pop() !== "data: [DONE]") throw new Error(`a stream was cut short:\n${body}`);
  const chunks = events.map((event) => JSON.parse(event.slice("data: ".length)) as Chunk);
  const reason = chunks.at(-1)?.choices[0]?.finish_reason;
  const maker = chunks[0]?.x_millwright;
  if (!["stop", "length"].includes(reason ?? "") || maker === undefined)
    throw new Error(`a stream did not end as it should:\n${body}`);
  const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
  return { text, adapter: maker.adapter, revision: maker.revision };
}

test(`${STREAMS} streams at any time, ${UPGRADES} upgrades: no request is dropped, no stream is cut`, async () => {
  const { gateway } = await world.status();
  const url = `http://${gateway}/v1/chat/completions`;
  const asked = { count: 0 };
  const answers: Answered[] = [];
  let isOver = false;
  const people = Array.from({ length: STREAMS }, async () => {
    while (!isOver) {
      asked.count += 1;
      answers.push(await stream(url));
    }
  });
  const failed = Promise.all(people);
  // Looked at in the end; a failure in between must not count as unhandled.
  failed.catch(() => undefined);
  const upgrade = async (number: number) => {
    const revision = await world.release(number % 2 === 1 ? withAdapter : {});
    const isThere = until(`revision ${revision} runs and answers`, async () => {
      const { running } = await world.status();
      return (
        running?.revision === revision && answers.some((answer) => answer.revision === revision)
      );
    });
    // The first request that fails ends the test with its reason.
    await Promise.race([isThere, failed]);
  };
  for (let number = 1; number <= UPGRADES; number += 1) await upgrade(number);
  isOver = true;
  await failed;

  expect(answers).toHaveLength(asked.count);
  // One text without the adapter and one with it: whatever answered, answered whole.
  const texts = Map.groupBy(answers, ({ adapter }) => adapter);
  expect([...texts.keys()].toSorted()).toEqual(["mail-triage-care-lora", undefined]);
  for (const [, same] of texts) expect(new Set(same.map(({ text }) => text)).size).toBe(1);
  expect(new Set(answers.map(({ revision }) => revision)).size).toBeGreaterThan(UPGRADES);
}, 600_000);
