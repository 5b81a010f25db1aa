import { appendFile, chmod, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Sample, SampleKind } from "@millwright/schema";
import { expect, onTestFinished, test } from "vitest";
import { type Draft, Spool, type SpoolRequest } from "../../agent/feedback/spool/spool.ts";
import { conditionsOf, silentJournal, systemChance, uuid7 } from "../../agent/life/life.ts";
import { type Folder, stateFolder, stillClock } from "./feedback-kit.ts";

const clock = stillClock();

function draftOf(
  kind: "interaction" | "comment" | "correction",
  words: string,
  keepMs = 1e9,
): Draft {
  const id = uuid7(clock.now(), systemChance);
  const output = [{ role: "assistant", parts: [{ type: "text" as const, content: words }] }];
  const usage = { inputTokens: 1, outputTokens: 1 };
  const bodies = {
    interaction: {
      kind: "interaction" as const,
      body: { input: [], output, finishReason: "stop", usage, durationMs: 1 },
    },
    comment: { kind: "comment" as const, body: { text: words } },
    correction: { kind: "correction" as const, body: { output } },
  };
  const digest = `sha256:${"0".repeat(64)}`;
  return {
    ...{ schema: "fb/1", id, host: "fra-1", capturedAt: clock.now(), interactionId: id, task: "t" },
    plan: { digest, revision: 1, factory: "support", deployment: "triage" },
    model: { name: "m", baseDigest: digest, runtime: "echo" },
    sampling: { reason: "asked", rate: 1 },
    author: { role: "user" },
    governance: { classification: "internal", purposes: [], expiresAt: clock.now() + keepMs },
    redaction: { profile: "nothing", engine: "none", counts: {} },
    ...bodies[kind],
  };
}

interface OpenSpool {
  readonly spool: Spool;
  readonly conditions: ReturnType<typeof conditionsOf>;
}

/** Without a `close`, opening the same folder again is what a crash leaves. */
async function spoolIn(folder: Folder, limits: SpoolRequest["limits"] = {}): Promise<OpenSpool> {
  const conditions = conditionsOf(clock);
  const spool = await Spool.open({
    ...{ folder: folder.spool, clock, chance: systemChance, journal: silentJournal },
    ...{ conditions, limits },
  });
  onTestFinished(() => spool.close());
  return { spool, conditions };
}

/** Everything that is left, as the hub would see it. */
async function drained(spool: Spool): Promise<Sample[]> {
  const samples: Sample[] = [];
  clock.advance(1_000);
  for (;;) {
    const segment = await spool.next();
    if (segment === undefined) return samples;
    const lines = gunzipSync(segment.body).toString("utf8").trimEnd().split("\n");
    samples.push(...lines.map((line) => JSON.parse(line) as Sample));
    await spool.committed(segment);
  }
}

const placesOf = (samples: readonly Sample[]) => samples.map(({ seq, kind }) => `${seq} ${kind}`);
const liveOf = async (folder: Folder) =>
  (await folder.files()).filter((path) => path.endsWith(".jsonl"));

test("what was acknowledged is there after a crash, and the count goes on", async () => {
  const folder = await stateFolder();
  const { spool } = await spoolIn(folder);
  await Promise.all(["a", "b", "c"].map((text) => spool.append(draftOf("comment", text))));
  const { spool: again } = await spoolIn(folder);
  expect(again.epoch).toBe(spool.epoch);
  await again.append(draftOf("correction", "d"));
  const samples = await drained(again);
  expect(placesOf(samples)).toEqual(["1 comment", "2 comment", "3 comment", "4 correction"]);
  expect(samples.every(({ epoch }) => epoch === spool.epoch)).toBe(true);
  // All is with the hub and gone from the disk; even so no number is used twice.
  const { spool: third } = await spoolIn(folder);
  await third.append(draftOf("comment", "e"));
  expect(placesOf(await drained(third))).toEqual(["5 comment"]);
});

test("a torn last line is cut off; its number, which nobody was told, is used again", async () => {
  const folder = await stateFolder();
  const { spool } = await spoolIn(folder);
  await spool.append(draftOf("comment", "whole"));
  const [live = ""] = await liveOf(folder);
  const whole = await readFile(live, "utf8");
  await appendFile(live, whole.replace('"seq":1', '"seq":2').slice(0, -20));
  const { spool: again, conditions } = await spoolIn(folder);
  await again.append(draftOf("comment", "next"));
  expect(placesOf(await drained(again))).toEqual(["1 comment", "2 comment"]);
  expect(conditions.list()).toEqual([]);
});

test("a line that the disk lost leaves a gap, a condition, and all others", async () => {
  const folder = await stateFolder();
  const { spool } = await spoolIn(folder);
  for (const text of ["a", "b", "c"]) await spool.append(draftOf("comment", text));
  const [live = ""] = await liveOf(folder);
  const lines = (await readFile(live, "utf8")).split("\n");
  lines[1] = "\0".repeat(40);
  await writeFile(live, lines.join("\n"));
  const { spool: again, conditions } = await spoolIn(folder);
  await again.append(draftOf("comment", "d"));
  expect(placesOf(await drained(again))).toEqual(["1 comment", "3 comment", "4 comment"]);
  expect(conditions.list()).toMatchObject([
    { code: "feedback/dropped", message: expect.stringContaining("1 (unreadable, damaged)") },
  ]);
});

test("a spool whose folder was lost begins a new epoch", async () => {
  const folder = await stateFolder();
  const { spool } = await spoolIn(folder);
  await spool.append(draftOf("comment", "lost"));
  await rm(folder.spool, { recursive: true });
  const { spool: again } = await spoolIn(folder);
  expect(again.epoch).not.toBe(spool.epoch);
  await again.append(draftOf("comment", "new"));
  expect(placesOf(await drained(again))).toEqual(["1 comment"]);
});

test("a crash between sealing and removing loses nothing and doubles nothing", async () => {
  const folder = await stateFolder();
  const { spool } = await spoolIn(folder);
  await spool.append(draftOf("comment", "a"));
  const [live = ""] = await liveOf(folder);
  const line = await readFile(live);
  clock.advance(1_000);
  const segment = await spool.next();
  const [next = ""] = await liveOf(folder);
  await rm(next);
  await writeFile(live, line);
  const { spool: again } = await spoolIn(folder);
  expect(await again.next()).toEqual(segment);
  await again.append(draftOf("comment", "b"));
  expect(placesOf(await drained(again))).toEqual(["1 comment", "2 comment"]);
});

test("the same segment is the same bytes until the hub has it, also after a restart", async () => {
  const folder = await stateFolder();
  const { spool } = await spoolIn(folder);
  await spool.append(draftOf("comment", "a"));
  expect(await spool.next()).toBeUndefined();
  clock.advance(1_000);
  const segment = await spool.next();
  await spool.append(draftOf("comment", "b"));
  expect(await spool.next()).toEqual(segment);
  const { spool: again } = await spoolIn(folder);
  expect(await again.next()).toEqual(segment);
});

test("many at once are few writes, in order, sealed when they are many bytes", async () => {
  const folder = await stateFolder();
  const { spool } = await spoolIn(folder, { segment: 20_000 });
  const drafts = Array.from({ length: 200 }, (_, index) => draftOf("comment", `number ${index}`));
  await Promise.all(drafts.map((draft) => spool.append(draft)));
  expect((await folder.files()).filter((path) => path.endsWith(".gz")).length).toBeGreaterThan(3);
  const samples = await drained(spool);
  expect(samples.map(({ seq }) => seq)).toEqual(drafts.map((_, index) => index + 1));
  expect(samples.map(({ id }) => id)).toEqual(drafts.map(({ id }) => id));
});

test("when there is no room, interactions go before comments and comments before corrections", async () => {
  const folder = await stateFolder();
  const { spool, conditions } = await spoolIn(folder, { segment: 10_000, bytes: 25_000 });
  const noise = () => Buffer.from(systemChance.bytes(1_500)).toString("base64");
  const kinds: readonly SampleKind[] = ["correction", "comment", "interaction", "interaction"];
  for (let round = 0; round < 15; round += 1) {
    for (const kind of kinds) {
      if (kind === "correction" || kind === "comment" || kind === "interaction") {
        await spool.append(draftOf(kind, noise()));
      }
    }
  }
  const kept = (await drained(spool)).map(({ kind }) => kind);
  const count = (kind: SampleKind) => kept.filter((other) => other === kind).length;
  expect(count("correction")).toBeGreaterThan(count("comment"));
  expect(count("correction")).toBeGreaterThan(count("interaction"));
  expect(count("correction")).toBeGreaterThan(6);
  const [condition] = conditions.list();
  expect(condition?.code).toBe("feedback/dropped");
  const lost = [...(condition?.message ?? "").matchAll(/(\d+) \(/g)].map(([, number]) =>
    Number(number),
  );
  expect(lost.reduce((sum, number) => sum + number, 0)).toBe(60 - kept.length);
});

test("what is to be forgotten is gone from the disk in time, and does not count as lost", async () => {
  const folder = await stateFolder();
  const { spool, conditions } = await spoolIn(folder, { segment: 1 });
  await spool.append(draftOf("comment", "short-lived", 60_000));
  await spool.append(draftOf("comment", "long-lived"));
  await spool.append(draftOf("comment", "last"));
  clock.advance(60_001);
  const segment = await spool.next();
  expect(gunzipSync(segment?.body ?? "").toString("utf8")).toContain("long-lived");
  expect(await folder.everything()).not.toContain("short-lived");
  expect(conditions.list()).toEqual([]);
});

test("what no hub fetched for too long goes, and is counted", async () => {
  const { spool, conditions } = await spoolIn(await stateFolder(), { age: 86_400_000 });
  await spool.append(draftOf("correction", "old", 1e12));
  clock.advance(1_000);
  await spool.next();
  clock.advance(86_400_001);
  expect(await spool.next()).toBeUndefined();
  expect(conditions.list()).toMatchObject([
    { code: "feedback/dropped", message: expect.stringContaining("1 (correction, no room)") },
  ]);
});

test("a disk that cannot be written is told to the author, and costs no number", async () => {
  const folder = await stateFolder();
  const { spool, conditions } = await spoolIn(folder, { segment: 1 });
  await spool.append(draftOf("comment", "a"));
  const [live = ""] = await liveOf(folder);
  // Sealing needs a folder to write to. Root may write anywhere, so the folder goes away instead.
  const epoch = dirname(live);
  await rm(epoch, { recursive: true });
  await writeFile(epoch, "in the way");
  await expect(spool.append(draftOf("comment", "b"))).rejects.toMatchObject({
    code: "feedback/cannot-write",
  });
  expect(conditions.list().map(({ code }) => code)).toEqual([
    "feedback/cannot-write",
    "feedback/dropped",
  ]);
});

test("nobody but the agent can read it", async () => {
  const folder = await stateFolder();
  const { spool } = await spoolIn(folder);
  await spool.append(draftOf("comment", "a"));
  clock.advance(1_000);
  await spool.next();
  const { stat } = await import("node:fs/promises");
  for (const path of await folder.files()) expect((await stat(path)).mode & 0o077).toBe(0);
  const [live = ""] = await liveOf(folder);
  expect((await stat(dirname(live))).mode & 0o077).toBe(0);
  await chmod(dirname(live), 0o700);
});
