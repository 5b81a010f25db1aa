/** State folders that something has happened to: one condition that names the cure, and service where it is possible. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { runAgent } from "../../agent/agent.ts";
import { run } from "../../agent/cli/cli.ts";
import { silentJournal, systemChance } from "../../agent/life/life.ts";
import { until } from "../attacks/until-kit.ts";
import { startWorld, type World } from "../attacks/world-kit.ts";
import { agentOn, copyOf, give, NOBODY } from "./state-kit.ts";

let world: World;
let answer: string;

beforeAll(async () => {
  world = await startWorld();
  answer = await world.ask();
}, 60_000);
afterAll(async () => world[Symbol.asyncDispose]());

/** A copy of the folder of a host that serves. */
const lived = () => copyOf(world.state);

test("a whole folder serves without its hub, as another user as well", async () => {
  const state = await lived();
  await give(state, NOBODY);
  const agent = await agentOn(state, NOBODY);
  expect(await agent.ask()).toBe(answer);
});

test("a folder that a newer agent wrote is left alone, and says which agent it wants", async () => {
  const state = await lived();
  writeFileSync(join(state, "identity/state.json"), '{"schema":"state/2","agent":"9.1.0"}\n');
  const before = readdirSync(state, { recursive: true });
  const { code, text } = await (await agentOn(state)).ended();
  expect(code).toBe(3);
  expect(text).toMatch(/disk\/newer-state.*newer agent \(agent 9\.1\.0\).*Install that version/);
  expect(readdirSync(state, { recursive: true })).toEqual(before);
});

test("what says of itself in which form it is, and cannot be read, is not guessed at", async () => {
  const state = await lived();
  truncateSync(join(state, "identity/state.json"), 4);
  const { code, text } = await (await agentOn(state)).ended();
  expect({ code, text }).toMatchObject({ code: 3, text: expect.stringMatching(/is damaged/) });
});

describe("foreign owners", () => {
  test("a folder of somebody else's", async () => {
    const state = await lived();
    chmodSync(state, 0o700);
    const { code, text } = await (await agentOn(state, NOBODY)).ended();
    expect(code).toBe(3);
    expect(text).toMatch(/belongs to another user. Run millwright-agent install/);
  });

  test.each(["identity/key.pem", "trust/trust.json"])("%s of somebody else's", async (file) => {
    const state = await lived();
    await give(state, NOBODY);
    execFileSync("chown", ["root:root", join(state, file)]);
    chmodSync(join(state, file), 0o600);
    const { code, text } = await (await agentOn(state, NOBODY)).ended();
    expect(code).toBe(3);
    expect(text).toContain(`${file} cannot be read`);
  });
});

test("a folder that takes no writes: models are served, and who gives feedback is told that it is not kept", async () => {
  const state = await lived();
  execFileSync("chmod", ["-R", "a+rX,go-w", state]);
  const agent = await agentOn(state, NOBODY);
  expect(await agent.ask()).toBe(answer);
  const { conditions } = await agent.status();
  expect(conditions.find(({ code }) => code === "disk/cannot-write")?.message).toMatch(
    /belongs to another user.*Models are served/,
  );
  expect(conditions.map(({ code }) => code)).toContain("feedback/cannot-open");
});

test("a full disk: the agent starts, serves, and says once what to do", async () => {
  const copy = await lived();
  const disk = join(dirname(copy), "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=32m", "millwright-test", disk]);
  onTestFinished(() => {
    execFileSync("umount", ["-l", disk]);
  });
  const state = join(disk, "state");
  execFileSync("cp", ["-a", copy, state]);
  const ballast = join(disk, "ballast");
  expect(() =>
    execFileSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=64k"], { stdio: "ignore" }),
  ).toThrow();
  const agent = await agentOn(state);
  expect(await agent.ask()).toBe(answer);
  const { conditions } = await agent.status();
  expect(conditions.find(({ code }) => code === "disk/cannot-write")?.message).toContain(
    "The disk is full: free some of it",
  );
  // It is told once, not again and again.
  expect(agent.log().split("\n").length).toBeLessThan(60);
});

describe("half deleted", () => {
  test("without its spool, outbox and runners it serves again", async () => {
    const state = await lived();
    for (const name of ["spool", "outbox", "runners"])
      rmSync(join(state, name), { recursive: true });
    expect(await (await agentOn(state)).ask()).toBe(answer);
  });

  test("without its models it fetches them again", async () => {
    const state = await lived();
    rmSync(join(state, "blobs"), { recursive: true });
    // By the hub's clock: it takes no token of another time.
    const end = new AbortController();
    const agent = runAgent(
      {
        ...{ state, local: { host: "127.0.0.1", port: 0 }, clock: world.clock },
        ...{ chance: systemChance, journal: silentJournal, leaveRunning: () => false },
      },
      end.signal,
    );
    const blobs = join(state, "blobs/sha256");
    await until("the model is here", async () => {
      world.clock.advance(100);
      return existsSync(blobs) && readdirSync(blobs).some((name) => /^[0-9a-f]{64}$/.test(name));
    });
    end.abort();
    await agent;
  });

  test.each([
    ["identity", /holds no host key. Run millwright-agent init/],
    ["identity/key.pem", /holds no host key/],
    ["identity/identity.json", /holds no host key/],
  ])("without %s it says whom it cannot be", async (gone, words) => {
    const state = await lived();
    rmSync(join(state, gone), { recursive: true });
    const { code, text } = await (await agentOn(state)).ended();
    expect({ code, text }).toMatchObject({ code: 3, text: expect.stringMatching(words) });
  });

  test.each(["identity/key.pem", "identity/identity.json"])("half of %s", async (file) => {
    const state = await lived();
    truncateSync(join(state, file), 20);
    const { code, text } = await (await agentOn(state)).ended();
    expect({ code, text }).toMatchObject({
      code: 3,
      text: expect.stringContaining(`${file} is damaged. Restore it`),
    });
  });

  test("without its trust it says so as a condition, and takes nothing from anybody", async () => {
    const state = await lived();
    rmSync(join(state, "trust"), { recursive: true });
    const agent = await agentOn(state);
    await expect
      .poll(() => agent.codes().catch(() => []), { timeout: 10_000 })
      .toContainEqual(expect.stringMatching(/^trust\//));
    expect((await agent.status()).running).toBeNull();
  });
});

describe("one process writes", () => {
  test("a second agent on the same folder ends at once, the first goes on", async () => {
    const state = await lived();
    const first = await agentOn(state);
    await first.ask();
    const { code, text } = await (await agentOn(state)).ended();
    expect(code).toBe(3);
    expect(text).toContain("is in use by another agent");
    expect(await first.ask()).toBe(answer);
  });

  test("a lone apply writes past no agent, and the lock of one that was killed is free", async () => {
    const state = await lived();
    const agent = await agentOn(state);
    await agent.ask();
    // As when an agent has just begun, and nobody knows yet where it listens.
    rmSync(join(state, "running.json"));
    const apply = async () => {
      let err = "";
      const code = await run(["apply", dirname(state), "--state", state], {
        ...{ out: () => undefined, err: (text: string) => (err += text) },
        ...{ interactive: false, env: {}, cwd: state, now: Date.now },
        signal: new AbortController().signal,
      });
      return { code, err };
    };
    expect(await apply()).toMatchObject({ code: 3, err: expect.stringContaining("in use") });
    await agent.kill();
    expect((await apply()).err).not.toContain("in use");
  });
});
