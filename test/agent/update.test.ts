/** From a plan that names another agent to the moment in which that takes over, with a real store and real archives. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { deskOf, passing } from "./update-desk-kit.ts";
import { archiveOf, digest, none, sound } from "./update-kit.ts";

const other = process.arch === "x64" ? "arm64" : "x64";

test("an agent that a plan names is fetched, tried in a process of its own, and takes over on trial", async () => {
  const desk = await deskOf();
  const archive = desk.name("0.2.0", archiveOf("0.2.0"));
  await passing(desk, "the switch", () => desk.relaunched > 0);
  expect(desk.relaunched).toBe(1);
  expect(await desk.pointer()).toEqual({
    ...{ current: { slot: "a", version: "0.2.0", digest: archive }, previous: null },
    ...{ confirmed: false, starts: 0, failed: null },
  });
  const { said } = await desk.host.start();
  expect(said).toMatchObject({ version: "0.2.0", launched: { slot: "a", isTrial: true } });
});

test("from a slot the other one is taken, and the one that runs is what to go back to", async () => {
  const current = { slot: "a", version: "0.2.0", digest } as const;
  const desk = await deskOf({ version: "0.2.0", launched: { slot: "a" }, pointer: { current } });
  desk.host.slot("a", "0.2.0");
  const archive = desk.name("0.3.0", archiveOf("0.3.0"));
  await passing(desk, "the switch", () => desk.relaunched > 0);
  expect(await desk.pointer()).toMatchObject({
    ...{ current: { slot: "b", version: "0.3.0", digest: archive }, previous: current },
  });
  expect(existsSync(join(desk.host.state, "slots/a/bin/node"))).toBe(true);
});

test("a new agent waits for the moment, and is not taken when another plan comes meanwhile", async () => {
  const desk = await deskOf();
  desk.busy = "the freeze window quarter-end is open";
  desk.name("0.2.0", archiveOf("0.2.0"));
  await passing(desk, "the wait", () => desk.codes().includes("update/waiting"));
  expect(desk.message()).toBe(
    "Agent 0.2.0 is ready to take over, and waits: the freeze window quarter-end is open.",
  );
  expect(desk.relaunched).toBe(0);
  desk.name("0.1.0", undefined);
  desk.busy = undefined;
  await passing(desk, "the end of the wait", () => desk.codes().length === 0);
  await desk.clock.pass(20_000);
  expect(desk.relaunched).toBe(0);
  expect(await desk.pointer()).toEqual(none);
});

test("what cannot be had is tried again by itself, later each time, until it can", async () => {
  const desk = await deskOf();
  const bytes = archiveOf("0.2.0");
  const archive = desk.name("0.2.0", bytes);
  rmSync(join(desk.host.folder, archive.slice(7)));
  await passing(desk, "three attempts", () => desk.happened("update/delayed") >= 3);
  expect(desk.codes()).toContain("update/delayed");
  const waits = desk.events.flatMap(({ waitMs }) => (typeof waitMs === "number" ? [waitMs] : []));
  expect(waits.slice(0, 3)).toEqual([7_500, 15_000, 30_000]);
  writeFileSync(join(desk.host.folder, archive.slice(7)), bytes);
  await passing(desk, "the switch", () => desk.relaunched > 0);
});

test.each([
  ["no archive at all", Buffer.from("<html>not found</html>"), "its archive is refused"],
  [
    "an agent that dies at once",
    archiveOf("0.2.0", "process.exit(7)"),
    "does not run on this host",
  ],
  ["another agent", archiveOf("0.9.0"), "it holds agent 0.9.0"],
])(
  "%s is refused once, is told with its cure, and is not tried again until another is named",
  async (_what, bytes, message) => {
    const desk = await deskOf();
    const archive = desk.name("0.2.0", bytes);
    await passing(desk, "the refusal", () => desk.codes().includes("update/failed"));
    expect(desk.message()).toContain(message);
    expect(desk.message()).toContain("Agent 0.1.0 goes on.");
    expect(desk.message()).toContain("until a plan names another version or another archive");
    expect((await desk.pointer()).failed).toMatchObject({ version: "0.2.0", digest: archive });
    await desk.clock.pass(120_000);
    expect(desk.happened("update/failed")).toBe(1);
    expect(readdirSync(join(desk.host.state, "slots"))).toEqual(["current.json"]);
    desk.name("0.2.0", archiveOf("0.2.0", sound("0.2.0", "// built again")));
    await passing(desk, "the switch", () => desk.relaunched > 0);
    expect(desk.codes()).toEqual([]);
  },
);

test("an agent that was tried in vain before a restart is told after it, and left alone", async () => {
  const bytes = archiveOf("0.2.0");
  const failed = { version: "0.2.0", digest: digestOf(bytes), reason: "it was started 3 times" };
  const desk = await deskOf({ pointer: { failed } });
  desk.name("0.2.0", bytes);
  await passing(desk, "the condition", () => desk.codes().includes("update/failed"));
  expect(desk.message()).toContain("Agent 0.2.0 cannot run here: it was started 3 times.");
  expect(existsSync(join(desk.host.state, "slots/a"))).toBe(false);
});

test("an agent whose starts the launcher cannot count is not fetched and switched to again and again", async () => {
  const bytes = archiveOf("0.2.0");
  const current = { slot: "a", version: "0.2.0", digest: digestOf(bytes) } as const;
  const desk = await deskOf({ pointer: { current, confirmed: false } });
  desk.name("0.2.0", bytes);
  await passing(desk, "the condition", () => desk.codes().includes("update/failed"));
  expect(desk.message()).toContain("its launcher could not count its starts");
  await desk.clock.pass(60_000);
  expect(desk.relaunched).toBe(0);
});

test("an agent that was started by hand says that nothing would start another, and fetches none", async () => {
  const desk = await deskOf({ launched: null });
  desk.name("0.2.0", archiveOf("0.2.0"));
  await passing(desk, "the condition", () => desk.codes().includes("update/by-hand"));
  expect(desk.message()).toContain("millwright-agent install");
  expect(readdirSync(join(desk.host.state, "slots"))).toEqual([]);
  expect(readdirSync(join(desk.host.state, "blobs/sha256"))).toEqual([]);
});

test("a package that is newer than the plan wins, and takes the slots away", async () => {
  const current = { slot: "a", version: "0.0.9", digest } as const;
  const desk = await deskOf({ pointer: { current } });
  mkdirSync(join(desk.host.state, "slots/a"));
  desk.name("0.0.9", archiveOf("0.0.9"));
  await passing(desk, "the condition", () => desk.codes().includes("update/package-newer"));
  expect(desk.message()).toContain("Name 0.1.0 in the fleet's definition.");
  expect(await desk.pointer()).toEqual(none);
  expect(existsSync(join(desk.host.state, "slots/a"))).toBe(false);
});

test("a plan that names the package's own version goes back to it and fetches nothing", async () => {
  const current = { slot: "a", version: "0.2.0", digest } as const;
  const desk = await deskOf({ version: "0.2.0", launched: { slot: "a" }, pointer: { current } });
  desk.name("0.1.0", undefined);
  await passing(desk, "the switch", () => desk.relaunched > 0);
  expect(await desk.pointer()).toMatchObject({ current: null, previous: current, confirmed: true });
});

test("a plan without an archive for this processor says so", async () => {
  const desk = await deskOf();
  desk.name("0.2.0", archiveOf("0.2.0"), other);
  await passing(desk, "the condition", () => desk.codes().includes("update/no-archive"));
  expect(desk.message()).toContain(`no archive of it for ${process.arch}`);
});
