/**
 * The disk is full from any moment of an upgrade on: the agent goes on serving, says what to do, does not try without
 * end, and takes the newest revision by itself once there is room.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startAgent } from "../attacks/agent-kit.ts";
import { withAdapter } from "../attacks/models-kit.ts";
import { until } from "../attacks/until-kit.ts";
import { startWorld, type World } from "../attacks/world-kit.ts";
import { isLong } from "../long.ts";
import { type FillingDisk, fillingDisk } from "./full-disk-kit.ts";
import { isLasting } from "./life-kit.ts";
import { copyOf } from "./state-kit.ts";

let world: World;
let disk: FillingDisk;
let first: string;

beforeAll(async () => {
  disk = fillingDisk((path) => path.includes("/mw-crash-") && isLasting(path));
  world = await startWorld();
  first = await world.ask();
  await world.endAgent();
  await world.release(withAdapter);
}, 120_000);
afterAll(async () => {
  disk[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

test("from every change on", async () => {
  const changes = await upgrade(Number.POSITIVE_INFINITY);
  expect(changes).toBeGreaterThan(7);
  const step = isLong ? 1 : 3;
  for (let after = 0; after < changes; after += step)
    await upgrade(after).catch((cause: unknown) => {
      throw new Error(`full after ${after} of ${changes} changes`, { cause });
    });
}, 3_600_000);

/** Starts an agent on what ran, and has it take the newest revision; gives the changes that this took. */
async function upgrade(after: number): Promise<number> {
  const state = await copyOf(world.state);
  // No hub until it serves: a start on a full disk is another test (strange-state).
  world.evil.hooks = {
    upgrade: (socket) => socket.destroy() !== undefined,
    http: (_, response) => response.writeHead(503).end() !== undefined,
  };
  const agent = await startAgent(state, world.clock);
  const runs = async () => {
    const { desired, running } = await agent.status();
    // Waits for the hub need not be waited for.
    if (desired?.revision !== world.revision()) world.clock.advance(200);
    return running?.revision === world.revision();
  };
  try {
    await until("it serves", async () => (await agent.ask().catch(() => "")) !== "");
    disk.fillAfter(after);
    world.evil.hooks = {};
    if (after < Number.POSITIVE_INFINITY) await staysUp(agent, runs);
    disk.empty();
    await until(
      "the newest revision runs",
      async () => {
        world.clock.advance(200);
        return runs();
      },
      60_000,
    );
    const taken = disk.taken;
    await until("nothing is complained of", async () => {
      world.clock.advance(1_000);
      return (await agent.status()).conditions.length === 0;
    });
    expect(await agent.ask()).not.toBe("");
    return taken;
  } catch (cause) {
    throw new Error(`${JSON.stringify(await agent.status())}\n${agent.log.slice(-25).join("\n")}`, {
      cause,
    });
  } finally {
    disk.empty();
    await agent.end();
  }
}

/** Half an hour on a full disk, by its clock. */
async function staysUp(
  agent: Awaited<ReturnType<typeof startAgent>>,
  runs: () => Promise<boolean>,
): Promise<void> {
  await until("the full disk is met, or does not matter", async () => {
    const done = await runs();
    return done || disk.refused > 0;
  });
  for (let minute = 0; minute < 30; minute += 1) {
    world.clock.advance(60_000);
    await agent.status();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { conditions } = await agent.status();
  if (disk.refused > 0) {
    const told = conditions.map(({ message }) => message).join("\n");
    expect(told).toMatch(/full|[Ff]ree some|no space left/);
  }
  expect(await agent.ask()).toBe((await runs()) ? await agent.ask() : first);
  // Told once, and tried ever more rarely.
  expect(agent.log.length).toBeLessThan(150);
}
