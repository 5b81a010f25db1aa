/** The hosts of a swarm in a process of their own: `node swarm-child.ts AGENTS SEED HUB ROOT`. Spoken to by messages. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { argv, exit } from "node:process";
import { systemClock } from "../../../agent/life/life.ts";
import { chance } from "../place/fleet.ts";
import { swarmAgent, type World } from "./agent.ts";
import { hostsOf } from "./fleet.ts";
import { prover } from "./proof.ts";
import type { Order, Seen } from "./swarm-process.ts";

const [, , agents = "", seed = "", hub = "", rootFile = ""] = argv;
const random = chance(Number(seed) + 1);
let heard = 0;
let sent = 0;
const failures = new Map<string, number>();
const world: World = {
  hub,
  prove: prover(),
  // Ids of tokens are used once, in all runs.
  chance: { fraction: random, bytes: (count) => randomBytes(count) },
  clock: systemClock,
  heard: () => {
    heard += 1;
  },
  sent: () => {
    sent += 1;
  },
  failed: (reason) => {
    failures.set(reason, (failures.get(reason) ?? 0) + 1);
  },
};
const pinned = { kind: "pinned", root: readFileSync(rootFile) } as const;
const swarm = hostsOf({ agents: Number(agents), seed: Number(seed) }).map((host) =>
  swarmAgent(host, pinned, world),
);

function seen(): Seen {
  return {
    ...{ heard, sent, failures: Object.fromEntries(failures) },
    online: swarm.flatMap(({ onlineSince }) => onlineSince ?? []),
    proved: swarm.map(({ proved }) => [proved.revision, proved.at] as const),
    refusals: swarm.reduce((sum, { refusals }) => sum + refusals, 0),
    cpu: process.cpuUsage(),
  };
}

process.on("message", (order: Order) => {
  switch (order.kind) {
    case "begin":
      for (const agent of swarm) {
        // A signal of its own: one for all would search ten thousand listeners at every change.
        agent.run(new AbortController().signal).catch((error: unknown) => {
          process.stderr.write(`${agent.host}: ${error instanceof Error ? error.stack : error}\n`);
          exit(1);
        });
      }
      break;
    case "look":
      process.send?.(seen());
      break;
    case "drop":
      for (const [index, agent] of swarm.entries()) if (index % order.oneOf === 0) agent.drop();
      break;
  }
});
// Whoever started us is gone.
process.on("disconnect", () => exit(0));
process.send?.({ kind: "ready" });
