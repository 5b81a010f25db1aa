/**
 * An agent is killed at random moments, again and again, while revisions change and people correct its answers. Nothing
 * in its state folder is torn, nothing that it acknowledged is lost, and the process that holds the model lives on.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { HostPlan } from "@millwright/schema";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withAdapter } from "../attacks/models-kit.ts";
import { until } from "../attacks/until-kit.ts";
import { startWorld, type World } from "../attacks/world-kit.ts";
import { isLong } from "../long.ts";
import { randomFrom } from "../random.ts";
import { type AgentProcess, agentOn } from "./state-kit.ts";

const KILLS = isLong ? 100 : 10;
/** A kill comes so late at most: in so many times what a start took here, till it answered, and never sooner than that. */
const STARTS = 2;
const SOONEST_MS = 2_500;
const SEED = 20_261_124;

const support: HostPlan["factories"][string] = {
  owner: "team",
  governance: { classification: "internal", purposes: ["serve", "evaluate"] },
  feedback: { sample: 1, redact: "personal", keepMs: 90 * 86_400_000 },
};

let world: World;

beforeAll(async () => {
  world = await startWorld({ factories: { support } }, Date.now());
  await world.endAgent();
}, 60_000);
afterAll(async () => world[Symbol.asyncDispose]());

test(`${KILLS} kills`, async () => {
  const random = randomFrom(SEED);
  const acknowledged: string[] = [];
  const lives: AgentProcess[] = [];
  const begin = async () => {
    const agent = await agentOn(world.state);
    lives.push(agent);
    return agent;
  };

  const begun = performance.now();
  const first = await begin();
  await first.ask();
  const latestMs = Math.round(Math.max(SOONEST_MS, STARTS * (performance.now() - begun)));
  await first.kill();

  for (let kill = 1; kill <= KILLS; kill += 1) {
    const agent = await begin();
    const people = new AbortController();
    const work = commentAgainAndAgain(agent, acknowledged, people.signal);
    const moment = random.between(0, latestMs);
    const half = random.between(0, moment + 1);
    await delay(half);
    // The adapter changes once, in the middle; all the other revisions leave it where it is.
    await world.release({
      telemetry: { everyMs: 1_000 + kill },
      ...(kill > KILLS / 2 && withAdapter),
    });
    await delay(moment - half);
    await agent.kill();
    people.abort();
    await work;
  }

  const agent = await begin();
  await agent.ask();
  await until(`the newest revision runs:\n${agent.log()}`, async () => {
    const { running, attempted } = await agent.status();
    return running?.revision === world.revision() && attempted?.result === "running";
  });
  expect(await agent.codes()).toEqual([]);
  for (const { log } of lives) expect(log()).not.toMatch(/damaged|disk\/|trust\/(?!accepted)/);

  // The weights were loaded once, however often the agent died: the adapter is a context of the same process.
  const loaded = lives.flatMap(({ log }) => eventsIn(log(), "runner/started"));
  expect(loaded.length).toBeLessThanOrEqual(2);
  const adopted = lives.flatMap(({ log }) => eventsIn(log(), "runner/adopted"));
  expect(new Set([...loaded, ...adopted].map(({ pid }) => pid)).size).toBe(1);
  expect(adopted.length).toBeGreaterThan(KILLS / 2);

  expect(acknowledged.length).toBeGreaterThan(KILLS);
  await until("the hub has all that was acknowledged", async () => {
    const kept = await commentsOf(world);
    return acknowledged.every((id) => kept.includes(id));
  });
  const kept = await commentsOf(world);
  expect(kept).toHaveLength(new Set(kept).size);
}, 1_800_000);

/** People who correct what the model says, for as long as there is an agent. Adds the ids that it acknowledged. */
async function commentAgainAndAgain(
  agent: AgentProcess,
  acknowledged: string[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const id = await commentOn(agent).catch(() => undefined);
    if (id !== undefined) acknowledged.push(id);
    await delay(id === undefined ? 50 : 200);
  }
}

/** The id of a comment on an answer; `undefined` when there is no answer yet. Throws when the agent dies. */
async function commentOn(agent: AgentProcess): Promise<string | undefined> {
  const { gateway } = await agent.status();
  const post = async (path: string, body: unknown): Promise<string | undefined> => {
    const response = await fetch(`http://${gateway}/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const { id } = (await response.json()) as { id?: string };
    return response.ok ? id : undefined;
  };
  const messages = [{ role: "user", content: "My parcel 4821 has not arrived." }];
  const id = await post("chat/completions", { model: "triage", max_tokens: 2, messages });
  return id && post("feedback", { id, kind: "comment", text: "Too short." });
}

interface RunnerEvent {
  readonly event: string;
  readonly pid: number;
}

function eventsIn(log: string, event: string): readonly RunnerEvent[] {
  return log
    .split("\n")
    .filter((line) => line.includes(`"${event}"`))
    .map((line) => JSON.parse(line) as RunnerEvent);
}

/** The comments that the hub has. */
async function commentsOf({ hubUrl }: World): Promise<readonly string[]> {
  const response = await fetch(`${hubUrl()}/v1/feedback?limit=1000&kind=comment`);
  const { samples } = (await response.json()) as { samples: { id: string }[] };
  return samples.map(({ id }) => id);
}
