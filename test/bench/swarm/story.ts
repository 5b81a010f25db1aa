/** What a swarm goes through: everybody connects, rests, gets a new revision, loses connections, loses the hub. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { cert } from "../../compiler/hub-tls-kit.ts";
import { hostsOf, type Size } from "./fleet.ts";
import { freePort, type HubProcess, hubProcess } from "./hub-process.ts";
import { releasesOf } from "./releases.ts";
import { type Seen, type SwarmProcess, swarmProcess } from "./swarm-process.ts";

export interface Wanted extends Size {
  readonly isPlain: boolean;
  /** How long everybody is left in peace before memory is read. */
  readonly restMs: number;
  /** How long the hub stays away after it was killed. */
  readonly awayMs: number;
  /** No part of the story takes longer: liveness, not speed. */
  readonly withinMs: number;
  readonly hubFlags: readonly string[];
  readonly signal: AbortSignal;
}

/** One part of the story. Times are milliseconds from its beginning, sorted, one for every host that was concerned. */
export interface Part {
  readonly name: string;
  readonly times: readonly number[];
  /** How late the hub's event loop was, in milliseconds. */
  readonly delayP99: number;
  readonly delayMax: number;
  /** MiB. */
  readonly memory: number;
  /** Seconds of the processor that the hub used, and the swarm. */
  readonly hubCpu: number;
  readonly swarmCpu: number;
  /** Messages a second that the hub took and gave. */
  readonly messages: number;
  readonly refusals: number;
}

export interface Story {
  readonly parts: readonly Part[];
  /** Hosts that were not connected, or had not proved the newest revision, in the end. */
  readonly lost: number;
  /** What hosts and hub complained of. */
  readonly failures: Readonly<Record<string, number>>;
}

export async function story(wanted: Wanted): Promise<Story> {
  const { agents, seed, isPlain, withinMs, signal } = wanted;
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, cert]);
  try {
    const port = await freePort();
    const url = `${isPlain ? "ws" : "wss"}://127.0.0.1:${port}`;
    using releases = await releasesOf(hostsOf({ agents, seed }), url, signal);
    const { folder, root } = releases;
    const revision = await releases.next();
    const log = join(folder, "hub.log");
    await using hub = hubProcess({ releases, port, isPlain, log, flags: wanted.hubFlags });
    await hub.start();
    await using swarm = await swarmProcess({ agents, seed }, url, root, folder);
    const part = watched(hub, swarm);
    const allProved = (number: number) => (seen: Seen) =>
      seen.online.length === agents && seen.proved.every(([proved]) => proved >= number);

    const connected = await part("connect", async (begun) => {
      swarm.begin();
      return onlineAfter(await swarm.until(allProved(revision), withinMs), begun);
    });
    const idle = await part("idle", async () => {
      await delay(wanted.restMs, undefined, { signal });
      return [];
    });
    await swarm.look();
    const number = await releases.next();
    // The hub looks at the branch every second: the part begins when people have published, and holds the wait.
    const renewed = await part("new revision", async (begun) => {
      const seen = await swarm.until(allProved(number), withinMs);
      return seen.proved.map(([, at]) => at - begun);
    });
    const storm = await part("storm of a third", async (begun) => {
      swarm.drop(3);
      await swarm.until(({ online }) => online.length < agents, withinMs);
      return onlineAfter(await swarm.until(allProved(number), withinMs), begun);
    });
    await hub.kill();
    await swarm.until(({ online }) => online.length === 0, withinMs);
    await delay(wanted.awayMs, undefined, { signal });
    const restarted = await part("hub killed and restarted", async (begun) => {
      await hub.start();
      return onlineAfter(await swarm.until(allProved(number), withinMs), begun);
    });
    const { proved, failures } = await swarm.look();
    const known = (await hub.metrics()).get("millwright_hub_hosts_connected") ?? 0;
    const current = proved.filter(([revision]) => revision === number).length;
    return {
      parts: [connected, idle, renewed, storm, restarted],
      lost: agents - Math.min(known, current),
      failures,
    };
  } finally {
    setDefaultCACertificates(before);
  }
}

/** When those connections were opened that are younger than `begun`. */
function onlineAfter({ online }: Seen, begun: number): readonly number[] {
  return online.filter((at) => at >= begun).map((at) => at - begun);
}

/** Reads the figures of hub and swarm around a part of the story. */
function watched(hub: HubProcess, swarm: SwarmProcess) {
  return async (
    name: string,
    act: (begun: number) => Promise<readonly number[]>,
  ): Promise<Part> => {
    const cpuOf = ({ cpu }: Seen) => (cpu.user + cpu.system) / 1e6;
    const hubFigures = async () => {
      try {
        return { ...delaysOf(await hub.metrics()), cpu: hub.cpu() };
      } catch {
        // It was killed: the next one begins with nothing.
        return { p99: 0, max: 0, frames: 0, cpu: 0 };
      }
    };
    const [before, swarmBefore] = [await hubFigures(), await swarm.look()];
    const begun = Date.now();
    const times = (await act(begun)).toSorted((a, b) => a - b);
    const seconds = (Date.now() - begun) / 1000;
    const [after, swarmAfter] = [await hubFigures(), await swarm.look()];
    return {
      ...{ name, times, delayP99: after.p99 * 1000, delayMax: after.max * 1000 },
      memory: hub.memory(),
      hubCpu: after.cpu - before.cpu,
      swarmCpu: cpuOf(swarmAfter) - cpuOf(swarmBefore),
      messages: (after.frames - before.frames) / seconds,
      refusals: swarmAfter.refusals - swarmBefore.refusals,
    };
  };
}

function delaysOf(metrics: ReadonlyMap<string, number>) {
  const value = (name: string) => metrics.get(`millwright_hub_${name}`) ?? 0;
  return {
    p99: value("event_loop_delay_p99_seconds"),
    max: value("event_loop_delay_max_seconds"),
    frames: value("frames_received_total") + value("frames_sent_total"),
  };
}
