/**
 * The agent: all services of a host, put together.
 *
 * In: a state folder with an identity and a root of trust. Out: the models of the newest proved plan, serving; what
 * happened, told to the hub. Promise: it runs without a hub from what it has proved before, and stops what it started,
 * except models that the next agent is to take over.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentStatus } from "@millwright/schema";
import { counterOf } from "./bundle/bundle.ts";
import {
  lockState,
  openState,
  readIdentity,
  tryDisk,
  watchDisk,
  writeAtomic,
} from "./disk/disk.ts";
import { openFeedback } from "./feedback/feedback.ts";
import { gateway } from "./gateway/gateway.ts";
import { freeMemory, watchHardware } from "./hardware/hardware.ts";
import {
  type Chance,
  type Clock,
  collectAtRest,
  conditionsOf,
  isWorldly,
  type Journal,
  together,
} from "./life/life.ts";
import { linkTo } from "./link/link.ts";
import manifest from "./package.json" with { type: "json" };
import { type Outcome, quarantineOf, reconciler } from "./reconcile/reconcile.ts";
import { relayOf } from "./relay/relay.ts";
import { crashFilesIn, runnersIn } from "./runner/runner.ts";
import { type Supervisor, statusLine, unsupervised, watchdog } from "./service/service.ts";
import { holdingBlobs, neededBy, peerDesk, peerToken, storeIn } from "./store/store.ts";
import {
  exportFigures,
  figuresOf,
  localApi,
  type Reading,
  reportSensors,
  sensorsOf,
} from "./telemetry/telemetry.ts";
import { httpOrigin, hubToken, openTrust } from "./trust/trust.ts";
import { busyWith, type Ending, type Launched, missingOf, updater } from "./update/update.ts";

export interface AgentOptions {
  /** The state folder, which `init` made. */
  readonly state: string;
  /** Where `/status` and `/metrics` are, on loopback. */
  readonly local: { readonly host: string; readonly port: number };
  readonly clock: Clock;
  readonly chance: Chance;
  readonly journal: Journal;
  /** Whether models go on running when the agent stops, for the next agent to take over. */
  readonly leaveRunning: () => boolean;
  /** Who is told that the agent lives; nobody when absent. */
  readonly supervisor?: Supervisor;
  /** The file in which the host's operator lists the programs that plans may start. */
  readonly engines?: string;
  /** By which launcher the agent was started; absent when by hand, and nobody would start another version. */
  readonly launched?: Launched;
  /** Collects garbage, as far as it can. Absent: it is collected when V8 finds it worth while, and never sooner. */
  readonly collect?: () => void;
}

/** Where runners have their folders when the state folder takes no writes. */
const ELSEWHERE = join(process.env["RUNTIME_DIRECTORY"] ?? tmpdir(), "millwright-runners-");
const GPU_EVERY_MS = 5_000;
/** Until there is a plan that says how often. */
const SENSORS_EVERY_MS = 1_000;

/** Runs until `signal` aborts. Throws a Failure when it cannot begin. */
export async function runAgent(options: AgentOptions, signal: AbortSignal): Promise<Ending> {
  const { clock, chance, journal, launched, supervisor = unsupervised } = options;
  let ending: Ending = "stopped";
  const state = await openState(options.state);
  using _ = lockState(state);
  const identity = await readIdentity(state);
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const conditions = conditionsOf(clock, changed);
  const isWritable = await tryDisk({ state, conditions });

  const self = { host: identity.host, publicKey: identity.publicKey };
  const trust = await openTrust({ state, self, clock, conditions, journal });
  const hubs = () => trust.accepted()?.plan.hubs ?? identity.hubs;
  const token = (audience: string) => hubToken(identity, audience, clock.now(), chance);
  const hub = () => {
    const [first] = hubs();
    return first === undefined
      ? undefined
      : { origin: httpOrigin(first), token: () => token(first) };
  };

  // What a runner needs for itself is of no worth after it.
  const runnerState = isWritable ? state : { ...state, runners: await mkdtemp(ELSEWHERE) };
  const store = storeIn({
    ...{ state, clock, journal, conditions, hub },
    plan: () => (reconciling.taken() ?? trust.good())?.plan,
    needed: () =>
      neededBy([
        [trust.good(), "the last good plan"],
        [reconciling.taken(), "the plan of now"],
        [trust.accepted(), "the newest plan"],
      ]),
    tokenFor: (peer, blob) => peerToken(identity, peer, blob, clock.now(), chance),
  });
  await using feedback = await openFeedback({
    ...{ state, identity, hubs, token, clock, chance, conditions, journal },
    runtime: `node-llama-cpp ${manifest.dependencies["node-llama-cpp"]}`,
  });
  const ended = (outcome: Outcome) => feedback.outbox.put(outcome);
  const hardware = watchHardware({
    ...{ everyMs: GPU_EVERY_MS, clock, conditions, journal, signal },
    promised: () => reconciling.taken()?.plan.hardware,
  });
  let reconciledAt = clock.now();
  const reconciling = reconciler({
    ...{ plans: trust, blobs: store, clock, chance, journal, conditions, ended },
    changed: () => {
      reconciledAt = clock.now();
      follow();
      changed();
    },
    runners: holdingBlobs(
      runnersIn({ state: runnerState, clock, journal, engines: options.engines }),
      store.hold,
    ),
    quarantine: quarantineOf({ files: crashFilesIn(state), clock, conditions, journal }),
    room: () => freeMemory(hardware.gpus()),
    leaveRunning: () => ending === "relaunch" || options.leaveRunning(),
  });
  const serving = reconciling.serving;
  let followed = reconciling.taken();
  const listen = followed?.plan.gateway.listen;
  const relay = relayOf({
    ...{ key: identity.key, clock, chance, conditions },
    plan: () => reconciling.taken()?.plan,
  });
  const door = gateway({
    ...{ serving, clock, chance, journal, conditions },
    plan: reconciling.taken,
    recorder: feedback.recorder,
    peers: peerDesk({
      ...{ self: identity.host, store, clock, journal },
      plan: () => reconciling.taken()?.plan,
    }),
    listening: changed,
    around: { key: identity.key, relay },
    ...(listen !== undefined && { listen }),
  });

  /** The gateway moves when the plan that moves it is taken. */
  const follow = () => {
    const taken = reconciling.taken();
    if (taken === undefined || taken === followed) return;
    followed = taken;
    door.listenOn(taken.plan.gateway.listen);
  };

  const status = (): AgentStatus => ({
    ...{ schema: "status/1", host: identity.host, agent: manifest.version, at: clock.now() },
    ...(launched !== undefined && { slot: launched.slot ?? ("package" as const) }),
    ...reconciling.status(),
    gateway: door.address() ?? null,
    conditions: [...conditions.list()],
  });

  const link = linkTo({
    ...{ hubs, identity, state, status, conditions, journal, clock, chance },
    statusChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async offered(delivery) {
      const verdict = await trust.offer(delivery);
      if (!verdict.ok) return verdict;
      reconciling.wake();
      return { ok: true };
    },
  });

  let reading: Reading | undefined;
  const sensors = reportSensors({
    read: sensorsOf({ ...hardware, folder: state.root, gateway: door.counts }),
    inventory: hardware.inventory,
    onInventory: hardware.onInventory,
    everyMs: () => reconciling.taken()?.plan.telemetry.everyMs ?? SENSORS_EVERY_MS,
    send: link.send,
    onOnline: link.onOnline,
    clock,
    seen: (newest) => {
      reading = newest;
    },
  });
  const measured = async (over: AbortSignal) => ({
    ...{ status: status(), reading, usage: door.usage(), timings: door.timings() },
    ...{ engines: await reconciling.engines(over), routes: door.routes() },
  });
  let at = "";
  /** What `millwright-agent status` looks up; without it the agent works as well. */
  const announce = async () => {
    const text = JSON.stringify({ pid: process.pid, local: at, token: pass });
    await writeAtomic(state.running, text).catch((error: unknown) => {
      if (!isWorldly(error)) throw error;
      journal("warn", { event: "agent/not-announced", reason: error.message });
    });
  };
  const pass = Buffer.from(chance.bytes(32)).toString("base64url");
  const local = localApi({
    ...{ listen: options.local, status },
    measured,
    async ready(address) {
      at = address;
      await announce();
      await supervisor.ready();
    },
    door: {
      token: pass,
      apply: counterOf({
        ...{ trust, store, conditions, journal, clock },
        applied: reconciling.wake,
      }),
    },
  });
  const exporting = exportFigures({
    ...{ host: identity.host, version: manifest.version, clock, conditions },
    collector: () => reconciling.taken()?.plan.telemetry.collector,
    everyMs: () => reconciling.taken()?.plan.telemetry.everyMs ?? SENSORS_EVERY_MS,
    figures: async (over) => figuresOf(await measured(over)),
  });
  const alive = watchdog({
    ...{ clock, journal },
    // For systemd an agent that becomes another one goes on.
    supervisor: {
      ...supervisor,
      stopping: async () => (ending === "relaunch" ? undefined : await supervisor.stopping()),
    },
    lastSeen: () => reconciledAt,
    status: () => statusLine(status()),
  });

  const update = updater({
    ...{ state: state.root, version: manifest.version, processor: process.arch, launched },
    ...{ store, clock, chance, journal, conditions },
    plan: reconciling.taken,
    busy: busyWith({
      ...{ clock, taken: reconciling.taken, newest: trust.accepted },
      status: reconciling.status,
    }),
    missing: missingOf({
      ...{ clock, taken: reconciling.taken, onOnline: link.onOnline },
      isListening: () => door.address() !== undefined,
    }),
    relaunch() {
      ending = "relaunch";
      stopGateway.abort();
    },
  });

  const rest = collectAtRest({
    clock,
    done: () => door.counts().requests,
    isBusy: () => door.counts().active > 0,
    collect: options.collect ?? (() => undefined),
  });

  journal("info", { event: "agent/started", version: manifest.version, state: state.root });
  // In order of stopping: the gateway finishes what flows before the models under it are stopped.
  const stopGateway = new AbortController();
  const stopRest = new AbortController();
  signal.addEventListener("abort", () => stopGateway.abort(), { once: true });
  if (signal.aborted) stopGateway.abort();
  const front = door.run(stopGateway.signal).finally(() => stopRest.abort());
  const others = together(
    [
      reconciling.service,
      trust.watch,
      watchDisk({ state, clock, conditions, recovered: () => void announce() }),
      store.tend,
      feedback.upload,
      hardware.service,
      sensors,
      local,
      exporting,
      link.service,
      update,
      alive,
      rest,
    ],
    stopRest.signal,
  ).finally(() => stopGateway.abort());
  const ends = await Promise.allSettled([front, others]);
  relay.close();
  journal("info", { event: "agent/stopped" });
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return ending;
}
