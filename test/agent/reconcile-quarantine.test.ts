/** What kills its process again and again is left out, with a report of each death that holds no word of anybody. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { conditionsOf, silentJournal, systemClock } from "../../agent/life/life.ts";
import { type CrashReport, quarantineOf } from "../../agent/reconcile/reconcile.ts";
import { crashFilesIn } from "../../agent/runner/runner.ts";
import { planOf } from "./plan-kit.ts";
import { type Host, hostOf, isReady, stateOf } from "./reconcile-kit.ts";
import { memoryCrashes } from "./reconcile-memory-kit.ts";
import { codeOf, collect, host, never, specOf } from "./runner-kit.ts";

const isHeld = (here: Host) => here.codes().includes("reconcile/quarantined");

async function die(here: Host, times: number, everyMs = 70_000): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    here.runners.of("triage")[0]?.crash("killed by SIGSEGV");
    await here.clock.pass(everyMs);
  }
}

const deployments = { triage: { model: "a" }, spare: { model: "b" } };

test("five deaths within ten minutes, and it is not started again: over a restart of the agent, until its file is taken away or another plan comes", async () => {
  const crashes = memoryCrashes();
  const first = hostOf({ models: ["a", "b"], crashes });
  first.offer(planOf(1, deployments));
  await first.settled();
  await die(first, 4);
  expect(isHeld(first)).toBe(false);
  expect(isReady(first.reconciler.serving, "triage")).toBe(true);
  await die(first, 1);
  expect(isHeld(first)).toBe(true);
  const starts = first.runners.starts.get("triage");
  await first.clock.pass(1_200_000);
  expect(first.runners.starts.get("triage")).toBe(starts);
  expect(stateOf(first, "triage")).toBe("failed");
  expect(isReady(first.reconciler.serving, "spare")).toBe(true);
  const [said] = first.conditions.list().filter(({ code }) => code === "reconcile/quarantined");
  expect(said).toMatchObject({ severity: "error", subject: "triage" });
  for (const part of [
    digestOf("a"),
    `/blobs/${digestOf("a")}`,
    "killed by SIGSEGV",
    "Release a plan",
  ])
    expect(said?.message).toContain(part);
  expect(crashes.reports.map(({ deaths }) => deaths)).toEqual([1, 2, 3, 4, 5]);

  await first.stop();
  const second = hostOf({ before: first, models: ["a", "b"], crashes });
  await second.clock.pass(120_000);
  expect(isHeld(second)).toBe(true);
  expect(second.runners.starts.get("triage")).toBe(starts);
  // What an operator does with a file.
  const [origin] = crashes.holding.keys();
  expect(said?.message).toContain(`/quarantine/${origin}`);
  crashes.holding.clear();
  await second.clock.until(() => isReady(second.reconciler.serving, "triage"));
  await second.clock.pass(6_000);
  expect(isHeld(second)).toBe(false);

  await die(second, 5);
  expect(isHeld(second)).toBe(true);
  second.offer(planOf(2, { ...deployments, third: { model: "c" } }));
  await second.settled();
  expect(isHeld(second)).toBe(false);
  expect(isReady(second.reconciler.serving, "triage")).toBe(true);
}, 30_000);

test("what served well for long before each death is started again for ever", async () => {
  const crashes = memoryCrashes();
  const here = hostOf({ models: ["a", "b"], crashes });
  here.offer(planOf(1, deployments));
  await here.settled();
  for (let count = 0; count < 12; count += 1) {
    await here.clock.pass(400_000);
    await die(here, 1, 1_000);
  }
  expect(isHeld(here)).toBe(false);
  expect(crashes.reports).toHaveLength(12);
}, 30_000);

test("the report of a real process that was killed has the engine's log and the shape of what it was asked, and not a word of it", async () => {
  const here = await host();
  const secrets = ["swordfish", "hunter2", "correcthorse", "opensesame"] as const;
  const handle = await here.start(specOf({ context: 4096 }), never);
  const [word, role, stop, field] = secrets;
  const request = {
    prompt: {
      kind: "chat" as const,
      messages: [
        { role: "system", content: "Answer." },
        { role, content: `${word} `.repeat(400) },
      ].map((message) => ({ ...message, role: message.role === role ? "user" : message.role })),
    },
    ...{ maxTokens: 2_000, temperature: 1.5, seed: 7, stop: [stop, `${stop} again`] },
    schema: { type: "object", properties: { [field]: { const: role } }, required: [field] },
  };
  const cut = codeOf(collect(handle.engine, request));
  await new Promise((resolve) => setTimeout(resolve, 100));
  process.kill(handle.pid, "SIGSEGV");
  expect(await cut).toBe("engine-lost");
  const { reason } = await handle.gone;
  const files = crashFilesIn(here.state);
  const conditions = conditionsOf(systemClock);
  const quarantine = quarantineOf({
    ...{ files, clock: systemClock, conditions, journal: silentJournal },
  });
  const plan = planOf(3, deployments);
  const death = {
    ...{ spec: handle.spec, origin: handle.digest, plan, reason, servedMs: 1, answered: 1 },
    ...{ log: await handle.logTail(), requests: handle.requests?.() ?? [] },
  };
  for (let count = 0; count < 25; count += 1) await quarantine.note(death);
  const all = readdirSync(join(here.state.root, "crashes")).map((name) =>
    readFileSync(join(here.state.root, "crashes", name), "utf8"),
  );
  const report = JSON.parse(all.at(-1) ?? "") as CrashReport;
  expect(report).toMatchObject({
    ...{ deployment: "triage", model: handle.spec.model.digest, plan: plan.digest, revision: 3 },
    reason: expect.stringContaining("SIGSEGV"),
    requests: [
      {
        ...{ kind: "chat", items: 2, ended: "cut", characters: 7 + 400 * 10 },
        options: { maxTokens: 2_000, temperature: 1.5, seed: 7, stop: 2, schema: 1 },
      },
    ],
  });
  expect(report?.log.length).toBeGreaterThan(3);
  // The newest few; and what is held is found again, until somebody takes it away.
  expect(all).toHaveLength(20);
  const [held] = await crashFilesIn(here.state).held();
  expect(held).toMatchObject({ origin: handle.digest, plan: plan.digest, deployment: "triage" });
  const texts = readdirSync(here.state.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /crashes|quarantine/.test(entry.parentPath))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
  expect(texts.length).toBeGreaterThan(1);
  for (const text of texts) for (const secret of secrets) expect(text).not.toContain(secret);
  await files.release(handle.digest);
  expect(await files.held()).toEqual([]);
}, 30_000);
