/** Hosts that are not who they seem, by nobody's ill will: a disk that was cloned, a host that was renamed, a clock. */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { HostName } from "@millwright/schema";
import { OPAMP_PATH } from "@millwright/schema/opamp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { systemChance } from "../../agent/life/life.ts";
import { hubToken } from "../../agent/trust/trust.ts";
import { until } from "../attacks/until-kit.ts";
import { startWorld, type World } from "../attacks/world-kit.ts";

let world: World;

beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(async () => world[Symbol.asyncDispose]());

/** What another machine dials the hub with that has a copy of the state folder. */
async function dialled(name: string, at: number) {
  const identity = { ...world.identity, host: name as HostName };
  const token = await hubToken(identity, world.evil.url, at, systemChance);
  const url = `${world.hubUrl().replace("http", "ws")}${OPAMP_PATH}`;
  const headers = { authorization: `Bearer ${token}` };
  return new WebSocket(url, { headers, perMessageDeflate: false });
}

async function refusal(name: string, at: number): Promise<string> {
  const socket = await dialled(name, at);
  socket.on("error", () => undefined);
  const [, response] = await once(socket, "unexpected-response");
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

test("a cloned disk: both machines push each other out, the host and the hub say so, and the host serves", async () => {
  const end = performance.now() + 20_000;
  const isTold = async () =>
    (await world.status()).conditions.some(({ code }) => code === "link/contested") &&
    (await world.events()).includes("hub/contested-host");
  while (!(await isTold())) {
    if (performance.now() > end) throw new Error(`it is not told:\n${world.log.join("\n")}`);
    const clone = await dialled("fra-1", world.clock.now());
    await once(clone, "open");
    // The agent comes back and takes its place again.
    await Promise.race([once(clone, "close"), delay(3_000)]);
    clone.terminate();
  }
  const { conditions } = await world.status();
  expect(conditions.find(({ code }) => code === "link/contested")?.message).toContain(
    "If a disk was cloned, wipe the clone's state folder",
  );
  await world.ask();
});

test("a host that the fleet calls otherwise is told its name, and people are; a stranger is told nothing", async () => {
  expect(JSON.parse(await refusal("mars-1", world.clock.now()))).toMatchObject({
    error: {
      code: "hub/renamed-host",
      message: expect.stringContaining("the key of mars-1 under the name fra-1"),
    },
  });
  await until("the hub shows it", async () => (await world.events()).includes("hub/renamed-host"));
});
