/**
 * Models are exchanged under constant load. Every request is answered, every stream ends as it should, and each answer
 * says which plan made it: the numbers are held against each other.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostPlan } from "@millwright/schema";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adapter, model, modelsOf } from "../attacks/models-kit.ts";
import { until } from "../attacks/until-kit.ts";
import { startWorld, type World } from "../attacks/world-kit.ts";
import { isLong } from "../long.ts";

const UPGRADES = isLong ? 50 : 4;
const STREAMS = 16;
const messages = [{ role: "user", content: "My parcel 4821 has not arrived. Ana" }];

type Planned = HostPlan["deployments"][string];

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
async function stream(url: string, model: string): Promise<Answered> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, stream: true, max_tokens: 12, messages }),
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

/** What answers the route: `triage` as this upgrade has it, and one beside that never changes. */
function plan(change: Partial<Planned> = {}): Partial<HostPlan> {
  const { blobs, deployments } = modelsOf(model);
  const over = modelsOf(model, adapter);
  const { triage } = deployments;
  if (triage === undefined) throw new Error("impossible: no triage");
  return {
    blobs: { ...blobs, ...over.blobs },
    deployments: { spare: triage, triage: { ...triage, ...change } },
    routes: { mail: { factory: "support", to: ["triage", "spare"] } },
  };
}

const care = { name: adapter.name, digest: adapter.digest };
/** In turn: a context over the same weights, weights loaded beside, and weights for which the old ones go first. */
const changes: readonly Partial<Planned>[] = [
  { adapter: care },
  { adapter: care, context: 192 },
  { context: 160, upgrade: "drain" },
];

async function pidsOf({ state }: World): Promise<readonly string[]> {
  const folders = await readdir(join(state, "runners"));
  return Promise.all(folders.map((name) => readFile(join(state, "runners", name, "pid"), "utf8")));
}

test(`${STREAMS} streams at any time, ${UPGRADES} upgrades of three kinds: no request is dropped, no stream is cut`, async () => {
  const { gateway } = await world.status();
  await world.release(plan());
  await world.arrived();
  const url = `http://${gateway}/v1/chat/completions`;
  const asked = { count: 0 };
  const answers: Answered[] = [];
  let isOver = false;
  const people = Array.from({ length: STREAMS }, async () => {
    while (!isOver) {
      asked.count += 1;
      answers.push(await stream(url, "mail"));
    }
  });
  const failed = Promise.all(people);
  // Looked at in the end; a failure in between must not count as unhandled.
  failed.catch(() => undefined);
  const upgrade = async (number: number) => {
    const revision = await world.release(plan(changes[(number - 1) % changes.length]));
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
  expect([...texts.keys()].toSorted()).toEqual([adapter.name, undefined]);
  for (const [, same] of texts) expect(new Set(same.map(({ text }) => text)).size).toBe(1);
  expect(new Set(answers.map(({ revision }) => revision)).size).toBeGreaterThan(UPGRADES);
}, 600_000);

test("an adapter that is asked for by name comes and goes beside the weights that answer, and nothing is loaded for it", async () => {
  const { gateway } = await world.status();
  const url = `http://${gateway}/v1/chat/completions`;
  await world.release(plan());
  await world.arrived();
  const before = await pidsOf(world);
  const asked = `triage:${adapter.name}`;
  let isOver = false;
  const answers: Answered[] = [];
  const people = Promise.all(
    Array.from({ length: 2 }, async () => {
      while (!isOver) answers.push(await stream(url, "triage"));
    }),
  );
  people.catch(() => undefined);
  await world.release(plan({ adapters: [care], upgrade: "drain" }));
  await Promise.race([world.arrived(), people]);
  const known = (await (await fetch(`http://${gateway}/v1/models`)).json()) as {
    data: { id: string }[];
  };
  expect(known.data.map(({ id }) => id).toSorted()).toEqual(
    ["mail", "spare", "triage", asked].toSorted(),
  );
  const [plain, caring] = await Promise.all([stream(url, "triage"), stream(url, asked)]);
  expect([plain.adapter, caring.adapter]).toEqual([undefined, adapter.name]);
  expect(await pidsOf(world)).toEqual(before);
  await world.release(plan());
  await Promise.race([world.arrived(), people]);
  await expect(stream(url, asked)).rejects.toThrow(/^404/);
  isOver = true;
  await people;
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(await pidsOf(world)).toEqual(before);
}, 120_000);
