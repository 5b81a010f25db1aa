/** `millwright-agent apply`: what the hub would bring, from a disk. */
import { existsSync, mkdtempSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AgentStatus, digestOf, readerOf } from "@millwright/schema";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runAgent } from "../../agent/agent.ts";
import { run } from "../../agent/cli/cli.ts";
import { systemChance } from "../../agent/life/life.ts";
import { type WorldClock, worldClock } from "../attacks/clock-kit.ts";
import { until } from "../attacks/until-kit.ts";
import { type BundleFleet, bundleFleet } from "../cli/bundle-kit.ts";
import { NOON } from "../compiler/release-kit.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const readStatus = readerOf(AgentStatus);

let fleet: BundleFleet;
let clock: WorldClock;
const bundles = new Map<string, string>();
const bundled = (name: string) => bundles.get(name) ?? "";

/** The bundles: of revisions 1 and 2, of another host, without the model. */
beforeAll(async () => {
  fleet = await bundleFleet();
  clock = worldClock(NOON);
  const make = async (name: string, host: string, now: number, ...more: readonly string[]) => {
    const folder = join(mkdtempSync(join(fleet.folder, "bundle-")), name);
    const { code, err } = await fleet.bundle(now, host, "-o", folder, ...more);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    bundles.set(name, folder);
  };
  await fleet.release();
  await make("first", "fra-1", NOON);
  await make("of-another", "zrh-1", NOON);
  await make("thin", "fra-1", NOON, "--no-models");
  await fleet.release(NOON + MINUTE);
  await make("second", "fra-1", NOON + MINUTE);
});
afterAll(() => fleet[Symbol.dispose]());

async function apply(folder: string, at = clock.now(), ...more: readonly string[]) {
  // Each look at the clock finds it later, so that a copy of many parts takes long enough to be told of.
  let now = at;
  const later = () => {
    now += 600;
    return now;
  };
  const said = { out: "", err: "" };
  const code = await run(["apply", folder, "--state", fleet.state.root, ...more], {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    ...{ interactive: false, env: {}, cwd: fleet.folder, now: later },
    signal: new AbortController().signal,
  });
  return { code, ...said };
}

/** What was accepted last, in short. What is known to have run is written down some time later. */
const trusted = async () => {
  const text = await readFile(join(fleet.state.trust, "trust.json"), "utf8");
  const { root, accepted, seen } = JSON.parse(text) as Record<string, unknown>;
  return digestOf(JSON.stringify({ root, accepted, seen }));
};
const running = async () =>
  JSON.parse(await readFile(fleet.state.running, "utf8")) as { local: string; token: string };

async function status(): Promise<AgentStatus> {
  const { local } = await running();
  const reading = readStatus(await (await fetch(`http://${local}/status`)).json());
  if (!reading.ok) throw new Error("the status is not what the schema says");
  return reading.value;
}

/** An agent that reaches no hub, for as long as `during` takes. */
async function whileRunning(during: () => Promise<void>): Promise<void> {
  const end = new AbortController();
  const agent = runAgent(
    {
      ...{ state: fleet.state.root, local: { host: "127.0.0.1", port: 0 }, clock },
      ...{ chance: systemChance, journal: () => undefined, leaveRunning: () => false },
    },
    end.signal,
  );
  agent.catch(() => undefined);
  try {
    await until("the agent answers", () => status().then(Boolean, () => false));
    await during();
  } finally {
    end.abort();
    await agent;
  }
}

const runs = (revision: number) =>
  until(`revision ${revision} runs`, async () => (await status()).running?.revision === revision);

async function ask(): Promise<string> {
  const response = await fetch(`http://${(await status()).gateway}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      ...{ model: "triage", max_tokens: 4, messages: [{ role: "user", content: "Hello" }] },
    }),
  });
  expect(response.status).toBe(200);
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  return choices[0]?.message.content ?? "";
}

// One host's life, in order: each test begins with what the one before it left.
test("what is not for this host, not of today or not whole is refused with a code, and nothing is remembered", async () => {
  const before = await trusted();
  const wrong = [
    [await apply(bundled("of-another")), "trust/other-host"],
    [await apply(bundled("first"), NOON + 2 * DAY), "trust/frozen"],
    [await apply(bundled("thin")), "bundle/missing-model"],
  ] as const;
  for (const [{ code, out, err }, reason] of wrong) {
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain(`error[${reason}]`);
    expect(err).toContain("Nothing has changed.");
  }
  expect(await trusted()).toBe(before);
  const missing = await apply(join(fleet.folder, "nowhere"));
  expect(missing.code).toBe(3);
  expect(missing.err).toContain("error[bundle/unreadable]");
  const json = await apply(bundled("of-another"), NOON, "--json");
  expect(JSON.parse(json.out)).toMatchObject({ kind: "refused", reason: "trust/other-host" });
});

test("a host that never saw a hub serves what a bundle brought, and a running agent takes the next one at once", async () => {
  const { code, out, err } = await apply(bundled("first"));
  expect({ code, err }).toEqual({ code: 0, err: "Copying mail-triage …\n" });
  expect(out).toBe(
    "Revision 1 is what this host wants now. Models that came with it: mail-triage.\n",
  );
  expect((await apply(bundled("thin"))).out).toBe("Revision 1 is what this host wanted already.\n");
  await whileRunning(async () => {
    await runs(1);
    expect(await ask()).not.toBe("");
    const next = await apply(bundled("second"), undefined, "--json");
    expect(JSON.parse(next.out)).toEqual({
      ...{ kind: "applied", revision: 2, known: false, models: [] },
    });
    await runs(2);

    // Rollback: an older bundle is still validly signed.
    const before = await trusted();
    const { code: no, err: why } = await apply(bundled("first"));
    expect({ no, why }).toEqual({ no: 1, why: expect.stringContaining("trust/rolled-back") });
    expect(await trusted()).toBe(before);
    const { conditions } = await status();
    expect(conditions.map((one) => one.code)).toContain("trust/rolled-back");
    expect(await ask()).not.toBe("");
  });
  expect((await apply(bundled("first"))).err).toContain("trust/rolled-back");
});

test("only who can read the state folder may hand a bundle to the agent", async () => {
  await whileRunning(async () => {
    expect(statSync(fleet.state.running).mode & 0o777).toBe(0o600);
    const { local, token } = await running();
    const post = (authorization: string, body: string) =>
      fetch(`http://${local}/apply`, { method: "POST", headers: { authorization }, body });
    const wish = JSON.stringify({ folder: bundled("second") });
    expect((await post("", wish)).status).toBe(401);
    expect((await post(`Bearer ${token.slice(1)}`, wish)).status).toBe(401);
    expect((await post(`Bearer ${token}`, "no JSON")).status).toBe(400);
    expect((await post(`Bearer ${token}`, `{"folder":"${"x".repeat(20_000)}"}`)).status).toBe(400);
    expect((await post(`Bearer ${token}`, wish)).status).toBe(200);
  });
  expect(existsSync(fleet.state.running)).toBe(true);
});
