/** `millwright blame`: which revision gave each value of a host's plan, and what each revision did to the host. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { committed, gitIn, millwright, temporary } from "./cli-kit.ts";

let folder: string;
let git: ReturnType<typeof gitIn>;

beforeEach(async () => {
  folder = committed();
  git = gitIn(folder);
  await must("init");
  await must("release");
});

async function must(...argv: readonly string[]): Promise<string> {
  const { code, out, err } = await millwright(folder, ...argv);
  if (code !== 0) throw new Error(`${argv.join(" ")}: ${err}`);
  return out;
}

/** Edits a definition, commits it, and releases it. */
async function releaseWith(path: string, from: string, to: string, message: string): Promise<void> {
  const file = join(folder, "factories", path);
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
  writeFileSync(file, text.replaceAll(from, to));
  git("commit", "-qam", message);
  await must("release");
}

test("each value of the newest plan is told with the revision, the commit and the author that brought it", async () => {
  await releaseWith("support.ts", "parallel: 4", "parallel: 8", "more at once");
  await releaseWith("fleet.ts", 'every: "2s"', 'every: "5s"', "slower telemetry");
  const { values } = JSON.parse(await must("blame", "fra-1", "--json")) as {
    values: {
      path: string;
      value: unknown;
      revision: { number: number; source: { author: string; subject: string } };
    }[];
  };
  const by = (path: string) => {
    const found = values.find((each) => each.path === path);
    return [found?.value, found?.revision.number, found?.revision.source.subject];
  };
  expect(by("deployments.triage.parallel")).toEqual([8, 2, "more at once"]);
  expect(by("telemetry.everyMs")).toEqual([5000, 3, "slower telemetry"]);
  expect(by("region")).toEqual(["de", 1, "definitions"]);
  expect(values.every(({ revision }) => revision.source.author === "Ada")).toBe(true);
  const text = await must("blame", "fra-1");
  expect(text).toMatch(/deployments\.triage\.parallel.*8/);
  expect(text).toContain("more at once");
});

test("--log lists the revisions that touched the host, and no other", async () => {
  await releaseWith("support.ts", "parallel: 4", "parallel: 8", "more at once");
  const fra = await must("blame", "fra-1", "--log");
  expect(fra).toContain("deployments.triage.parallel: 4 → 8");
  expect(fra).toContain("more at once");
  const zrh = await must("blame", "zrh-1", "--log");
  expect(zrh).not.toContain("more at once");
  const { steps, end } = JSON.parse(await must("blame", "fra-1", "--log", "--json"));
  expect(steps).toMatchObject([
    {
      kind: "changed",
      revision: { number: 2, source: { subject: "more at once" }, signers: [expect.any(String)] },
    },
    { kind: "added", revision: { number: 1 } },
  ]);
  expect(end).toBe("first");
});

test("a host that was taken away is told as such, with the revision that did it", async () => {
  git("rm", "-q", "factories/hosts/zurich.ts", "factories/reporting.yaml", "factories/data.ts");
  const data = join(folder, "factories/data.ts");
  writeFileSync(
    data,
    git("show", "HEAD:factories/data.ts").replace(/\/\*\* The shop's[\s\S]*$/, ""),
  );
  git("add", "-A");
  git("commit", "-qm", "Zurich is closed");
  const released = await millwright(folder, "release");
  // The example's own policy lets one host and one dataset go at once.
  expect({ code: released.code, err: released.err }).toMatchObject({ code: 0 });
  const gone = await millwright(folder, "blame", "zrh-1");
  expect(gone.code).toBe(1);
  expect(gone.err).toMatch(/zrh-1.*(removed|no longer|taken away)/s);
  const log = await millwright(folder, "blame", "zrh-1", "--log");
  expect(log.out).toContain("Zurich is closed");
  expect(log.out).toContain("removed");
});

test("a host that never was is told with the nearest, as text and as JSON", async () => {
  const unknown = await millwright(folder, "blame", "fra-11");
  expect(unknown).toMatchObject({ code: 1, out: "" });
  expect(unknown.err).toContain("fra-1");
  const machine = await millwright(folder, "blame", "fra-11", "--json");
  expect(machine.code).toBe(1);
  expect(machine.json()).toMatchObject({ error: { code: expect.any(String) } });
});

test("without the branch, what to do is said; a shallow clone knows what it has", async () => {
  const bare = committed();
  const none = await millwright(bare, "blame", "fra-1");
  expect(none.code).toBe(3);
  expect(none.err).toContain("git fetch origin releases:releases");
  await releaseWith("support.ts", "parallel: 4", "parallel: 8", "more at once");
  const clone = join(temporary(), "clone");
  git("clone", "-q", "--depth", "1", "--branch", "releases", `file://${folder}`, clone);
  const shallow = await millwright(clone, "blame", "fra-1", "--log");
  expect(shallow.code).toBe(0);
  expect(shallow.out + shallow.err).toContain("git fetch --unshallow");
});
