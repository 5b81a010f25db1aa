/** The same promises with the real parts: real models in real processes, a real store on a real disk. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Digest, digestOf, type HostPlan } from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import { openState, type StateFolder } from "../../agent/disk/disk.ts";
import { conditionsOf, silentJournal, systemChance, systemClock } from "../../agent/life/life.ts";
import { type Outcome, reconciler, type Serving } from "../../agent/reconcile/reconcile.ts";
import { runnersIn } from "../../agent/runner/runner.ts";
import { storeIn } from "../../agent/store/store.ts";
import type { VerifiedPlan } from "../../agent/trust/trust.ts";
import { eventually } from "./hardware-kit.ts";
import { planOf, verifiedOf } from "./plan-kit.ts";
import { leaseOf } from "./reconcile-kit.ts";

const models = join(import.meta.dirname, "../../factories/models");
const never = new AbortController().signal;
const mail = "Hello, my name is Ada Lovelace. My invoice 4711 is wrong, I was charged twice.";

interface Model {
  readonly name: string;
  readonly digest: Digest;
  readonly size: number;
  readonly path: string;
}

async function modelAt(path: string, name: string): Promise<Model> {
  const bytes = await readFile(path);
  return { name, digest: digestOf(bytes), size: bytes.length, path };
}

/** A plan over files on this disk. */
function planWith(
  number: number,
  model: Model,
  more: Partial<HostPlan["deployments"][string]> = {},
): VerifiedPlan {
  const { plan } = planOf(number, { triage: { model: model.name } });
  const planned = plan.deployments["triage"];
  if (planned === undefined) throw new Error("impossible: no deployment");
  const { name, digest, size, path } = model;
  return verifiedOf(number, {
    ...plan,
    blobs: { [digest]: { name, size, sources: [pathToFileURL(path).href] } },
    deployments: { triage: { ...planned, ...{ model: { name, digest }, context: 256 }, ...more } },
  });
}

function agentOn(state: StateFolder, plans: { accepted?: VerifiedPlan; good?: VerifiedPlan }) {
  const conditions = conditionsOf(systemClock);
  const outcomes: Outcome[] = [];
  const shared = { state, clock: systemClock, journal: silentJournal };
  const made = reconciler({
    ...{ clock: systemClock, chance: systemChance, journal: silentJournal, conditions },
    plans: {
      accepted: () => plans.accepted,
      good: () => plans.good,
      keepGood: async (plan) => {
        plans.good = plan;
      },
      staleFor: () => 0,
    },
    blobs: storeIn({ ...shared, conditions, hub: () => undefined }),
    runners: runnersIn(shared),
    changed: () => undefined,
    ended: async (outcome) => {
      outcomes.push(outcome);
    },
    leaveRunning: () => true,
  });
  const end = new AbortController();
  const run = made.service(end.signal);
  return {
    ...{ ...made, conditions, outcomes },
    offer(plan: VerifiedPlan) {
      plans.accepted = plan;
      made.wake();
    },
    result: () => made.status().attempted?.result,
    async stop() {
      end.abort();
      await run;
    },
  };
}

async function answerOf(serving: Serving): Promise<string> {
  const lease = leaseOf(serving, "triage");
  try {
    let text = "";
    const prompt = { kind: "chat" as const, messages: [{ role: "user", content: mail }] };
    for await (const event of lease.engine.generate({ prompt, maxTokens: 40 }, never))
      if (event.kind === "text") text += event.text;
    return text;
  } finally {
    lease.release();
  }
}

async function pidsIn({ runners }: StateFolder): Promise<readonly number[]> {
  const handles = await runnersIn({
    state: { runners } as StateFolder,
    clock: systemClock,
    journal: silentJournal,
  }).adopt(never);
  return handles.map(({ pid }) => pid);
}

test("a real model is fetched, loaded, proved and asked; killed, it comes back; an agent that is restarted takes it over; a broken one changes nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mw-reconcile-"));
  const state = await openState(join(folder, "state"));
  onTestFinished(async () => {
    for (const pid of await pidsIn(state)) process.kill(pid, "SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });
  const triage = await modelAt(join(models, "mail-triage.gguf"), "mail-triage");
  const plans: { accepted?: VerifiedPlan; good?: VerifiedPlan } = {};
  const first = agentOn(state, plans);
  const smoke = { prompt: mail, contains: " ", withinMs: 20_000 };
  first.offer(planWith(1, triage, { smoke }));
  await eventually(() => first.result() === "running");
  const answer = await answerOf(first.serving);
  expect(answer.length).toBeGreaterThan(5);
  expect(first.outcomes).toMatchObject([
    { revision: 1, result: "running", models: [triage.digest] },
  ]);

  const [killed] = await pidsIn(state);
  process.kill(killed ?? 0, "SIGKILL");
  await eventually(() => "kind" in first.serving.lease("triage"));
  expect(first.conditions.list()).toMatchObject([
    {
      code: "reconcile/restarting",
      subject: "triage",
      message: expect.stringContaining("SIGKILL"),
    },
  ]);
  await eventually(() => !("kind" in first.serving.lease("triage")));
  expect(await answerOf(first.serving)).toBe(answer);

  const [pid] = await pidsIn(state);
  await first.stop();
  const second = agentOn(state, plans);
  await eventually(() => second.result() === "running");
  expect(await answerOf(second.serving)).toBe(answer);
  expect(await pidsIn(state)).toEqual([pid]);

  const cut = join(folder, "cut.gguf");
  await copyFile(triage.path, cut);
  await writeFile(cut, (await readFile(cut)).subarray(0, 400_000));
  const bad = await modelAt(cut, "cut");
  second.offer(planWith(2, bad, { smoke }));
  await eventually(() => second.result() === "failed");
  expect(second.status().attempted?.reason).toMatch(/^triage: runner\/[a-z-]+: ./);
  const [said] = second.conditions.list().filter(({ code }) => code === "reconcile/plan-failed");
  for (const part of [bad.digest, `/${bad.digest.slice("sha256:".length)}`])
    expect(said?.message).toContain(part);
  expect(await answerOf(second.serving)).toBe(answer);

  const lying = { ...triage, digest: digestOf("another model") };
  second.offer(planWith(3, lying));
  await eventually(() => second.result() === "failed" && second.status().attempted?.revision === 3);
  expect(second.status().attempted?.reason).toContain(triage.digest);
  expect(await answerOf(second.serving)).toBe(answer);

  second.offer(planWith(4, triage, { smoke: { ...smoke, contains: "xyzzy" }, context: 512 }));
  await eventually(() => second.result() === "failed" && second.status().attempted?.revision === 4);
  expect(second.status().attempted?.reason).toContain("xyzzy");
  expect(await answerOf(second.serving)).toBe(answer);
  await eventually(async () => (await pidsIn(state)).length === 1);

  // The old one went first, and comes back when the new one does not answer as it should.
  const wrong = { smoke: { ...smoke, contains: "xyzzy" }, context: 192, upgrade: "drain" as const };
  second.offer(planWith(6, triage, wrong));
  await eventually(() => second.result() === "failed" && second.status().attempted?.revision === 6);
  await eventually(() => !("kind" in second.serving.lease("triage")));
  expect(await answerOf(second.serving)).toBe(answer);
  await eventually(async () => (await pidsIn(state)).length === 1);

  // A changed context is another process, loaded beside the old one; nobody who asks meanwhile is refused.
  const asked: Promise<string>[] = [];
  second.offer(planWith(7, triage, { smoke, context: 128 }));
  await eventually(() => {
    asked.push(answerOf(second.serving));
    return second.result() === "running";
  });
  expect(new Set(await Promise.all(asked))).toEqual(new Set([answer]));
  await second.stop();
}, 180_000);
