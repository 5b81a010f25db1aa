/**
 * A real agent and a real hub, and between them a line that fails in every way a line can. What was sent is held
 * against what arrived: plans, receipts and feedback have their effect exactly once, and nothing that was acknowledged
 * is lost.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { HostPlan } from "@millwright/schema";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../attacks/until-kit.ts";
import { startWorld, type World } from "../attacks/world-kit.ts";
import { isLong } from "../long.ts";
import { type Random, randomFrom } from "../random.ts";
import { type Faults, type Line, lineTo } from "./line.ts";

/** How long a fault stays, and how long after it everything must have come: by the clock of the world. */
const FAULT_MS = 1_500;
const RECOVERED_MS = 120_000;

const support: HostPlan["factories"][string] = {
  owner: "team",
  governance: { classification: "internal", purposes: ["serve", "evaluate"] },
  feedback: { sample: 1, redact: "personal", keepMs: 90 * 86_400_000 },
};

let world: World;
let line: Line;
/** What was acknowledged by the gateway: ids of answers and of comments. */
const answers: string[] = [];
const comments: string[] = [];

beforeAll(async () => {
  world = await startWorld({ factories: { support } });
  line = await lineTo(world.hubUrl);
  world.evil.upstream = line.url;
  world.evil.cut();
  await until("the agent is back over the line", async () => line.seen.bytes > 0);
}, 60_000);
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await line[Symbol.asyncDispose]();
});

test.each<[string, Faults, ("reset" | "halfOpen")?]>([
  ["every piece half a second late", { latencyMs: 500 }],
  ["two kilobytes a second", { bytesPerSecond: 2_000 }],
  ["every connection reset", {}, "reset"],
  ["every connection reset, and none to be had", { refusing: true }, "reset"],
  ["connections half open: the hub's ends are gone, the agent's wait", {}, "halfOpen"],
  ["connections cut in the middle of a frame", { cutAfter: 700 }, "reset"],
  ["a partition", { partitioned: true }],
  ["a partition in which connections die", { partitioned: true }, "halfOpen"],
])("%s", async (_, faults, happens) => {
  line.faults = faults;
  if (happens !== undefined) line[happens]();
  const revision = await world.release();
  await work();
  await delay(FAULT_MS);
  await work();
  line.faults = {};
  await recovered(revision);
});

test("faults that follow each other at random", async () => {
  const random = randomFrom(20_261_124);
  for (let spell = 1; spell <= (isLong ? 60 : 1); spell += 1) {
    const story: string[] = [];
    let revision = world.revision();
    for (let fault = random.between(1, 5); fault > 0; fault -= 1) {
      line.faults = anyFaults(random);
      const happens = random.of<"nothing" | "reset" | "halfOpen">(["nothing", "reset", "halfOpen"]);
      if (happens !== "nothing") line[happens]();
      story.push(`${happens} ${JSON.stringify(line.faults)}`);
      if (random.between(0, 2) === 0) revision = await world.release();
      await work();
      await delay(random.between(0, FAULT_MS));
    }
    line.faults = {};
    await recovered(revision).catch((cause: unknown) => {
      throw new Error(`spell ${spell}: ${story.join("; ")}`, { cause });
    });
  }
}, 1_800_000);

function anyFaults(random: Random): Faults {
  const is = () => random.between(0, 3) === 0;
  return {
    ...(is() && { latencyMs: random.between(1, 1_000) }),
    ...(is() && { bytesPerSecond: random.between(500, 50_000) }),
    ...(is() && { partitioned: true }),
    ...(is() && { cutAfter: random.between(1, 4_000) }),
    ...(is() && { refusing: true }),
  };
}

/** Tasks that the host answers, and corrections that it takes, whatever the line does. */
async function work(): Promise<void> {
  const { gateway } = await world.status();
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`http://${gateway}/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(response.ok).toBe(true);
    return (await response.json()) as { id: string };
  };
  const messages = [{ role: "user", content: "My parcel 4821 has not arrived." }];
  const { id } = await post("chat/completions", { model: "triage", max_tokens: 2, messages });
  answers.push(id.replace("chatcmpl-", ""));
  comments.push((await post("feedback", { id, kind: "comment", text: "Too short." })).id);
}

async function recovered(revision: number): Promise<void> {
  const healedAt = world.clock.now();
  const all = [...answers, ...comments].toSorted();
  await until(
    "hub and host agree",
    async () => {
      // Waits of minutes need not be waited for.
      world.clock.advance(80);
      if (world.clock.now() > healedAt + RECOVERED_MS) throw new Error(await state());
      const [status, arrived, receipts] = [await world.status(), await samples(), await ran()];
      return (
        status.running?.revision === revision &&
        receipts.includes(revision) &&
        arrived.length >= all.length
      );
    },
    60_000,
  );
  // Exactly once: none is missing, none is there twice.
  expect(await samples()).toEqual(all);
  const revisions = await ran();
  expect(revisions).toEqual([...new Set(revisions)]);
  // What it says of itself travels on its own, and later.
  await until("the hub shows what runs", async () => {
    world.clock.advance(80);
    return (await world.shown())?.running?.revision === revision;
  });
}

/** Which samples the hub has, each by what it is about. */
async function samples(): Promise<readonly string[]> {
  const { samples: kept } = await fromHub<{
    samples: { id: string; kind: string; interactionId: string }[];
  }>("feedback?limit=1000");
  return kept
    .map(({ id, kind, interactionId }) => (kind === "interaction" ? interactionId : id))
    .toSorted();
}

/** The revisions of which the hub has a receipt that they run, as often as it has one. */
async function ran(): Promise<readonly number[]> {
  const { receipts } = await fromHub<{ receipts: { revision: number; result: string }[] }>(
    "receipts?limit=1000",
  );
  return receipts.filter(({ result }) => result === "running").map(({ revision }) => revision);
}

async function fromHub<T>(path: string): Promise<T> {
  return (await (await fetch(`${world.hubUrl()}/v1/${path}`)).json()) as T;
}

async function state(): Promise<string> {
  const { running, conditions } = await world.status();
  const codes = conditions.map(({ code }) => code).join(", ");
  const missing = [...answers, ...comments].length - (await samples()).length;
  return `revision ${running?.revision} runs, receipts of ${await ran()}, ${missing} samples are missing; ${codes}\n${world.log.slice(-10).join("\n")}`;
}
