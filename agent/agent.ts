/**
 * The agent: all services of a host, put together.
 *
 * In: a state folder with an identity and a root of trust. Out: the models of the newest proved plan, serving; what
 * happened, told to the hub. Promise: it runs without a hub from what it has proved before, and stops what it started,
 * except models that the next agent is to take over.
 */
import type { AgentStatus, Inventory, Receipt } from "@millwright/schema";
import { counterOf } from "./bundle/bundle.ts";
import { openState, readIdentity, writeAtomic } from "./disk/disk.ts";
import { openFeedback } from "./feedback/feedback.ts";
import { gateway } from "./gateway/gateway.ts";
import { gpuProbe, inventory } from "./hardware/hardware.ts";
import {
  type Chance,
  type Clock,
  conditionsOf,
  type Journal,
  together,
  uuid7,
} from "./life/life.ts";
import { linkTo } from "./link/link.ts";
import manifest from "./package.json" with { type: "json" };
import { type Outcome, reconciler } from "./reconcile/reconcile.ts";
import { runnersIn } from "./runner/runner.ts";
import { storeIn } from "./store/store.ts";
import { localApi, type Reading, reportSensors, sensorsOf } from "./telemetry/telemetry.ts";
import { httpOrigin, hubToken, openTrust } from "./trust/trust.ts";

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
}

const GPU_EVERY_MS = 5_000;
/** Until there is a plan that says how often. */
const SENSORS_EVERY_MS = 1_000;

/** Runs until `signal` aborts. Throws a Failure when it cannot begin. */
export async function runAgent(options: AgentOptions, signal: AbortSignal): Promise<void> {
  const { clock, chance, journal } = options;
  const state = await openState(options.state);
  const identity = await readIdentity(state);
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const conditions = conditionsOf(clock, changed);

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

  const store = storeIn({ state, clock, journal, conditions, hub });
  await using feedback = await openFeedback({
    ...{ state, identity, hubs, token, clock, chance, conditions, journal },
    runtime: `node-llama-cpp ${manifest.dependencies["node-llama-cpp"]}`,
  });
  const ended = (outcome: Outcome) =>
    feedback.outbox.put(receiptOf(outcome, identity.host, clock, chance));
  const reconciling = reconciler({
    ...{ plans: trust, blobs: store, clock, chance, journal, conditions, ended },
    changed: () => {
      follow();
      changed();
    },
    runners: runnersIn({ state, clock, journal }),
    leaveRunning: options.leaveRunning,
  });
  const serving = reconciling.serving;
  let listen = reconciling.taken()?.plan.gateway.listen;
  const door = gateway({
    ...{ serving, clock, chance, journal, conditions },
    plan: reconciling.taken,
    recorder: feedback.recorder,
    listening: changed,
    ...(listen !== undefined && { listen }),
  });

  /** The gateway moves when the plan that moves it is taken. */
  const follow = () => {
    const wanted = reconciling.taken()?.plan.gateway.listen;
    if (wanted === undefined || wanted === listen) return;
    listen = wanted;
    door.listenOn(wanted);
  };

  const status = (): AgentStatus => ({
    ...{ schema: "status/1", host: identity.host, agent: manifest.version, at: clock.now() },
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

  const gpus = gpuProbe({ everyMs: GPU_EVERY_MS, clock, conditions, journal });
  let reading: Reading | undefined;
  let found: Promise<Inventory> | undefined;
  const sensors = reportSensors({
    read: sensorsOf({ folder: state.root, gpus: gpus.samples, gateway: door.counts }),
    inventory: () => {
      found ??= inventory(signal);
      return found;
    },
    everyMs: () => reconciling.taken()?.plan.telemetry.everyMs ?? SENSORS_EVERY_MS,
    send: link.send,
    onOnline: link.onOnline,
    clock,
    seen: (newest) => {
      reading = newest;
    },
  });
  const pass = Buffer.from(chance.bytes(32)).toString("base64url");
  const local = localApi({
    ...{ listen: options.local, status },
    reading: () => reading,
    ready: (address) =>
      writeAtomic(state.running, JSON.stringify({ pid: process.pid, local: address, token: pass })),
    door: {
      token: pass,
      apply: counterOf({
        ...{ trust, store, conditions, journal, clock },
        applied: reconciling.wake,
      }),
    },
  });

  journal("info", { event: "agent/started", version: manifest.version, state: state.root });
  // In order of stopping: the gateway finishes what flows before the models under it are stopped.
  const stopGateway = new AbortController();
  const stopRest = new AbortController();
  signal.addEventListener("abort", () => stopGateway.abort(), { once: true });
  if (signal.aborted) stopGateway.abort();
  const front = door.run(stopGateway.signal).finally(() => stopRest.abort());
  const rest = together(
    [reconciling.service, trust.watch, feedback.upload, gpus.service, sensors, local, link.service],
    stopRest.signal,
  ).finally(() => stopGateway.abort());
  const ends = await Promise.allSettled([front, rest]);
  journal("info", { event: "agent/stopped" });
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

function receiptOf(
  { revision, plan, result, reason, models }: Outcome,
  host: string,
  clock: Clock,
  chance: Chance,
): Receipt {
  const now = clock.now();
  return {
    ...{
      schema: "receipt/1",
      id: uuid7(now, chance),
      host,
      revision,
      plan,
      result,
      models,
      at: now,
    },
    ...(reason !== undefined && { reason: reason.slice(0, 4000) }),
  };
}
