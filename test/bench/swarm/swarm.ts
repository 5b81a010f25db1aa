/**
 * `npm run bench -- swarm [--agents 10000] [--plain] [--seed S] [--json]`: what the hub bears.
 *
 * In: how many agents. Out: figures of every part of the story. The hub is the one that operators start; the hosts are
 * in a process of their own, wait, prove themselves and verify with the agent's own code, and have GPUs, slow networks and wrong
 * clocks by a seed. Nothing but the wire is between the two. SWARM_HUB_FLAGS in the environment holds flags of Node for
 * the hub, to profile it.
 */
import type { Figure } from "../bench.ts";
import type { Size } from "./fleet.ts";
import { type Part, story } from "./story.ts";

export async function benchSwarm(size: Size, isPlain: boolean): Promise<readonly Figure[]> {
  const { parts, lost, failures } = await story({
    ...{
      ...size,
      isPlain,
      restMs: 30_000,
      awayMs: 3_000,
      withinMs: 180_000,
    },
    hubFlags: (process.env["SWARM_HUB_FLAGS"] ?? "").split(" ").filter((flag) => flag !== ""),
    signal: new AbortController().signal,
  });
  const prefix = `swarm ${size.agents} ${isPlain ? "plain" : "TLS"}`;
  const figure = (name: string, value: number, unit: string): Figure => ({
    name: `${prefix}: ${name}`,
    value: Math.round(value * 10) / 10,
    unit,
  });
  return [
    ...parts.flatMap((part) => figuresOf(part).map((line) => figure(...line))),
    figure("agents lost", lost, "agents"),
    ...Object.entries(failures).map(([what, count]) =>
      figure(`complaint: ${what}`, count, "times"),
    ),
  ];
}

type Line = readonly [name: string, value: number, unit: string];

function figuresOf(part: Part): readonly Line[] {
  const { name, times } = part;
  const at = (share: number) => times[Math.ceil(times.length * share) - 1] ?? 0;
  const figures: readonly Line[] = [
    ["half of them after", at(0.5), "ms"],
    ["99 % of them after", at(0.99), "ms"],
    ["the last after", at(1), "ms"],
    ["hosts concerned", times.length, "hosts"],
  ];
  return [
    ...(times.length === 0 ? [] : figures),
    ["event-loop delay of the hub, p99", part.delayP99, "ms"] as const,
    ["event-loop delay of the hub, at most", part.delayMax, "ms"] as const,
    ["memory of the hub afterwards", part.memory, "MiB"] as const,
    ["processor time of the hub", part.hubCpu, "s"] as const,
    ["processor time of the swarm", part.swarmCpu, "s"] as const,
    ["messages, both ways", part.messages, "1/s"] as const,
    ["dials that led to nothing", part.refusals, "dials"] as const,
  ].map(([what, value, unit]) => [`${name}, ${what}`, value, unit] as const);
}
