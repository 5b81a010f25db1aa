/** A fleet, its real hub, an evil hub before it, and a real agent behind that one, which serves a real model. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AgentStatus,
  type Delivery,
  digestOf,
  type HostName,
  type HostPlan,
  publicKeyOf,
  readerOf,
} from "@millwright/schema";
import { runAgent } from "../../agent/agent.ts";
import { type Identity, makeIdentity, openState } from "../../agent/disk/disk.ts";
import { systemChance } from "../../agent/life/life.ts";
import { pinRoot } from "../../agent/trust/trust.ts";
import { deliveryOf, type Wish } from "../agent/trust-kit.ts";
import { NOON, planFor } from "../compiler/release-kit.ts";
import { type WorldClock, worldClock } from "./clock-kit.ts";
import { type EvilHub, startEvilHub } from "./evil-hub.ts";
import { type Fleet, fleetIn } from "./fleet-kit.ts";
import { adapter, model, modelsOf } from "./models-kit.ts";
import { proved } from "./proof-kit.ts";
import { startHub } from "./real-hub-kit.ts";
import { until } from "./until-kit.ts";

const readStatus = readerOf(AgentStatus);

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
}

export async function startWorld(change: Partial<HostPlan> = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "mw-attack-"));
  const clock = worldClock(NOON);
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
  const log: string[] = [];
  const end = new AbortController();
  const agent = runAgent(
    {
      ...{ state: state.root, local: { host: "127.0.0.1", port: 0 } },
      ...{ clock, leaveRunning: () => false },
      // Short waits before a new attempt.
      chance: { ...systemChance, fraction: () => 0.001 },
      journal: (severity, event) => log.push(JSON.stringify({ severity, ...event })),
    },
    end.signal,
  );
  // Looked at when the world ends; until then a failure must not count as unhandled.
  agent.catch(() => undefined);
  await until("the agent answers", async () => existsSync(state.running));
  const status = async () => {
    const { local } = JSON.parse(await readFile(state.running, "utf8")) as { local: string };
    return statusIn(await jsonAt(`http://${local}/status`));
  };
  const isKept = async () => {
    const text = await readFile(join(state.trust, "trust.json"), "utf8");
    const { accepted, good } = JSON.parse(text) as Record<string, Record<string, string>>;
    return accepted?.["revision.json"] === good?.["revision.json"];
  };
  const world: World = {
    ...{ fleet, evil, clock, identity, plans, status, log },
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
    async ask() {
      const response = await fetch(`http://${(await status()).gateway}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          ...{ model: "triage", temperature: 0, max_tokens: 6 },
          messages: [{ role: "user", content: "My parcel 4821 has not arrived. Ana" }],
        }),
      });
      const body = (await response.json()) as { choices?: { message: { content: string } }[] };
      const text = body.choices?.[0]?.message.content;
      if (text === undefined) throw new Error(`no answer but ${JSON.stringify(body)}`);
      return text;
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
      end.abort();
      const [ended] = await Promise.allSettled([agent]);
      await hub.stop();
      await evil[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
      if (ended.status === "rejected") throw ended.reason;
    },
  };
  await world.arrived().catch(async (cause: unknown) => {
    await world[Symbol.asyncDispose]();
    throw new Error(`the world did not begin:\n${log.join("\n")}`, { cause });
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

function statusIn(value: unknown): AgentStatus {
  const reading = readStatus(value);
  if (!reading.ok) throw new Error("the status is not what the schema says");
  return reading.value;
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
