/** A fleet, its real hub, an evil hub before it, and a real agent behind that one, which serves a real model. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AgentStatus,
  type Delivery,
  digestOf,
  type HostName,
  type HostPlan,
  publicKeyOf,
} from "@millwright/schema";
import { type Identity, makeIdentity, openState } from "../../agent/disk/disk.ts";
import { pinRoot } from "../../agent/trust/trust.ts";
import { deliveryOf, type Wish } from "../agent/trust-kit.ts";
import { NOON, planFor } from "../compiler/release-kit.ts";
import { startAgent, statusIn } from "./agent-kit.ts";
import { type WorldClock, worldClock } from "./clock-kit.ts";
import { type EvilHub, startEvilHub } from "./evil-hub.ts";
import { type Fleet, fleetIn } from "./fleet-kit.ts";
import { adapter, model, modelsOf } from "./models-kit.ts";
import { proved } from "./proof-kit.ts";
import { startHub } from "./real-hub-kit.ts";
import { until } from "./until-kit.ts";

export interface World extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly evil: EvilHub;
  readonly clock: WorldClock;
  readonly identity: Identity;
  /** The agent's state folder. */
  readonly state: string;
  /** The agent's log, a line an event. */
  readonly log: readonly string[];
  /** Base URL of the real hub, past the evil one. */
  readonly hubUrl: () => string;
  /** The plans of `fra-1`, the agent's, and of `zrh-1`, which is enrolled and silent. */
  plans(change?: Partial<HostPlan>): readonly [HostPlan, HostPlan];
  /** A delivery made with any of the fleet's keys: of the next revision unless the wish says otherwise. */
  forged(wish?: Partial<Wish>): Delivery;
  /** Releases a revision that changes the plan of `fra-1`. Gives its number. */
  release(change?: Partial<HostPlan>): Promise<number>;
  /** The number of the newest honest revision. */
  readonly revision: () => number;
  status(): Promise<AgentStatus>;
  /** The agent as the real hub shows it. */
  shown(): Promise<AgentStatus | null>;
  /** The codes of what the real hub has noted. */
  events(): Promise<readonly string[]>;
  /** The answer of the model, through the gateway. */
  ask(): Promise<string>;
  /** The bytes of everything that the agent must not lose: who it is, what it trusts, its models. */
  memory(): Promise<ReadonlyMap<string, string>>;
  /** Resolves when the newest revision runs and is written down as the one to go back to. */
  arrived(): Promise<void>;
  /** Stops the real hub and starts it again, with another online key where one is given. */
  restartHub(onlineKey?: KeyObject): Promise<void>;
  /** Stops the agent; its hub and its folder stay. */
  endAgent(): Promise<void>;
}

/** `at`: what its clock says first. */
export async function startWorld(
  change: Partial<HostPlan> = {},
  at: number = NOON,
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "mw-attack-"));
  const clock = worldClock(at);
  const evil = await startEvilHub();
  const fleet = await fleetIn(folder, [model, adapter], clock.now());
  const state = await openState(join(folder, "state"));
  await pinRoot(state, fleet.keyring.rootBytes, fleet.fingerprint);
  const identity = await makeIdentity(state, "fra-1" as HostName, [evil.url]);
  const other = publicKeyOf(generateKeyPairSync("ed25519").publicKey);
  const plans: World["plans"] = (more = {}) => [
    proved({ ...planFor("fra-1", 1_000), ...servingPlan(evil.url, identity), ...change, ...more }),
    { ...planFor("zrh-1"), key: other, hubs: [evil.url] },
  ];
  let revision = await fleet.release(plans(), clock.now());
  let hub = await startHub(fleet, clock, fleet.keyring.online.key);
  evil.upstream = hub.url;
  const agent = await startAgent(state.root, clock);
  const { status } = agent;
  const isKept = async () => {
    const text = await readFile(join(state.trust, "trust.json"), "utf8");
    const { accepted, good } = JSON.parse(text) as Record<string, Record<string, string>>;
    return accepted?.["revision.json"] === good?.["revision.json"];
  };
  const world: World = {
    ...{ fleet, evil, clock, identity, plans, status },
    ...{ log: agent.log, ask: agent.ask, endAgent: agent.end },
    state: state.root,
    hubUrl: () => hub.url,
    revision: () => revision,
    forged: (wish) =>
      deliveryOf(fleet.keyring, {
        ...{ number: revision + 1, plans: plans(), now: clock.now() },
        // Newer than anything that the real hub has signed.
        timestampVersion: Math.floor(clock.now() / 1000) + 1_000,
        ...wish,
      }),
    async release(more = { telemetry: { everyMs: 1_000 + revision } }) {
      revision = await fleet.release(plans(more), clock.now());
      hub.look();
      return revision;
    },
    async shown() {
      const { status: said } = await jsonAt<{ status: unknown }>(`${hub.url}/v1/hosts/fra-1`);
      return said === null ? null : statusIn(said);
    },
    async events() {
      const { events } = await jsonAt<{ events: { code: string }[] }>(`${hub.url}/v1/events`);
      return events.map(({ code }) => code);
    },
    memory: () => filesBelow(state.root, ["identity", "trust", "blobs"]),
    arrived: () =>
      until(`revision ${revision} runs`, async () => {
        const { running } = await status();
        return running?.revision === revision && (await isKept());
      }),
    async restartHub(onlineKey = fleet.keyring.online.key) {
      await hub.stop();
      hub = await startHub(fleet, clock, onlineKey);
      evil.upstream = hub.url;
    },
    async [Symbol.asyncDispose]() {
      const [ended] = await Promise.allSettled([agent.end()]);
      await hub.stop();
      await evil[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
      if (ended.status === "rejected") throw ended.reason;
    },
  };
  await world.arrived().catch(async (cause: unknown) => {
    await world[Symbol.asyncDispose]();
    throw new Error(`the world did not begin:\n${agent.log.join("\n")}`, { cause });
  });
  return world;
}

function servingPlan(hub: string, { publicKey }: Identity): Partial<HostPlan> {
  return {
    ...{ key: publicKey, hubs: [hub], gateway: { listen: "127.0.0.1:0" } },
    ...modelsOf(model),
    factories: {
      support: { owner: "team", governance: { classification: "internal", purposes: ["serve"] } },
    },
  };
}

async function jsonAt<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

async function filesBelow(
  root: string,
  folders: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((one) => !one.isDirectory())) {
      const path = join(entry.parentPath, entry.name);
      found.set(path.slice(root.length + 1), digestOf(await readFile(path)));
    }
  }
  return found;
}
