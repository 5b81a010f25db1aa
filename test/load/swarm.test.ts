import { expect, test } from "vitest";
import { story } from "../bench/swarm/story.ts";

const AGENTS = 2_000;

test("two thousand agents over TLS prove a new revision and outlive a storm and a hub that is killed; none is lost", async () => {
  const { signal } = new AbortController();
  const { parts, lost, failures } = await story({
    ...{ agents: AGENTS, seed: 7, isPlain: false, hubFlags: [], signal },
    ...{ restMs: 1_000, awayMs: 300, withinMs: 150_000 },
  });
  const concerned = Object.fromEntries(parts.map(({ name, times }) => [name, times.length]));
  // Liveness and nothing about speed: machines are shared.
  expect(concerned).toMatchObject({
    connect: AGENTS,
    "new revision": AGENTS,
    "storm of a third": Math.ceil(AGENTS / 3),
    "hub killed and restarted": AGENTS,
  });
  expect({ lost, failures }).toEqual({ lost: 0, failures: {} });
}, 600_000);
