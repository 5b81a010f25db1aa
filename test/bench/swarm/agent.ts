/**
 * One host of the swarm. Waits, proves itself, reports and verifies with the agent's own code, and speaks as the agent
 * does; what runs on a host, its sensors and its disk are made up.
 */
import { once } from "node:events";
import {
  type AgentStatus,
  encodeSample,
  telemetryCapability,
  telemetryTypes,
} from "@millwright/schema";
import {
  decodeServerFrame,
  encodeAgentFrame,
  RemoteConfigStatuses,
  type ServerToAgent,
  ServerToAgentFlags,
} from "@millwright/schema/opamp";
import type WebSocket from "ws";
import type { Chance, Clock } from "../../../agent/life/life.ts";
import { delayMs } from "../../../agent/link/backoff.ts";
import { type Course, next } from "../../../agent/link/course.ts";
import { deliveryOf } from "../../../agent/link/delivery.ts";
import { type AgentMessage, capabilities, partsOf } from "../../../agent/link/report.ts";
import type { PinnedMemory } from "../../../agent/trust/memory.ts";
import { dial } from "./dial.ts";
import { inventoryOf, type SwarmHost, seriesOf } from "./fleet.ts";
import type { Prove } from "./proof.ts";
import { reconnectWindowOf } from "./window.ts";

const SAMPLE_MS = 10_000;
/** Changes that come together travel together: as the agent's session has it. */
const SPACING_MS = 100;
const SLOW_MS = 1_000;

export interface World {
  readonly hub: string;
  readonly prove: Prove;
  readonly chance: Chance;
  readonly clock: Clock;
  readonly heard: () => void;
  readonly sent: () => void;
  readonly failed: (reason: string) => void;
}

export interface SwarmAgent {
  readonly host: SwarmHost["host"];
  /** When the connection that stands was opened, in milliseconds since the Unix epoch by the machine's clock. */
  readonly onlineSince: number | undefined;
  /** The newest revision whose plan it has proved, and when. */
  readonly proved: { readonly revision: number; readonly at: number };
  /** How often it was refused, and what it was told to prove in vain. */
  readonly refusals: number;
  run(signal: AbortSignal): Promise<void>;
  /** The network is gone, without a word. */
  drop(): void;
}

export function swarmAgent(host: SwarmHost, pinned: PinnedMemory, world: World): SwarmAgent {
  const { hub, chance, clock: trueClock } = world;
  const clock: Clock = { ...trueClock, now: () => trueClock.now() + host.skewMs };
  const self = { host: host.host, publicKey: host.publicKey };
  const instance = Uint8Array.from(chance.bytes(16));
  const startedAt = clock.now();
  const values = Float32Array.from(seriesOf(host), () => chance.fraction() * 100);
  let memory = pinned;
  let socket: WebSocket | undefined;
  let sequence = 0n;
  let windowMs = 0;
  let config: Parameters<typeof partsOf>[1];
  const agent = {
    ...{ host: host.host, onlineSince: undefined as number | undefined, refusals: 0 },
    proved: { revision: 0, at: 0, plan: "" },
  };

  const delay = (attempt: number, retryAfterMs: number, windowMs: number) =>
    delayMs(attempt, retryAfterMs, chance, windowMs);

  const say = (fields: AgentMessage) => {
    if (socket?.readyState !== 1) return;
    sequence += 1n;
    socket.send(
      encodeAgentFrame({ ...fields, instanceUid: instance, sequenceNum: sequence, capabilities }),
    );
    world.sent();
  };
  const parts = (...names: readonly string[]): AgentMessage => {
    const all = partsOf(statusOf(host, agent.proved, clock.now()), config, startedAt);
    const wanted = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
    return Object.assign({}, ...wanted.map(({ fields }) => fields)) as AgentMessage;
  };
  const custom = (type: string, data: Uint8Array) =>
    say({ customMessage: { capability: telemetryCapability, type, data } });
  const sample = () => custom(telemetryTypes.sample, encodeSample({ at: clock.now(), values }));

  const judge = (offered: NonNullable<ServerToAgent["remoteConfig"]>) => {
    const hash = offered.configHash;
    const isKnown = config !== undefined && Buffer.compare(hash, config.lastRemoteConfigHash) === 0;
    const settle = (status: RemoteConfigStatuses, errorMessage = "") => {
      config = { lastRemoteConfigHash: hash, status, errorMessage };
    };
    if (!isKnown) {
      settle(RemoteConfigStatuses.RemoteConfigStatuses_APPLYING);
      if (config !== undefined) say({ remoteConfigStatus: config });
    }
    const proof = world.prove(deliveryOf(offered), memory, self, clock.now());
    if (!proof.ok) {
      world.failed(proof.reason);
      settle(RemoteConfigStatuses.RemoteConfigStatuses_FAILED, proof.reason);
      say(parts("config"));
      return;
    }
    memory = proof.memory;
    const { number } = proof.verified.revision.predicate;
    if (number > agent.proved.revision)
      agent.proved = { revision: number, at: trueClock.now(), plan: proof.verified.digest };
    settle(RemoteConfigStatuses.RemoteConfigStatuses_APPLIED);
    if (!isKnown) setTimeout(() => say(parts("config", "status", "health")), SPACING_MS);
  };

  const hear = (data: WebSocket.RawData) => {
    world.heard();
    const message = Buffer.isBuffer(data) ? decodeServerFrame(data) : undefined;
    if (message === undefined) throw new Error("the hub sent rubbish");
    if (message.errorResponse !== undefined) world.failed(message.errorResponse.errorMessage);
    windowMs = reconnectWindowOf(message) ?? windowMs;
    if ((message.flags & BigInt(ServerToAgentFlags.ServerToAgentFlags_ReportFullState)) !== 0n)
      say(parts());
    if (message.remoteConfig !== undefined) judge(message.remoteConfig);
  };

  /** One connection, from open to lost. */
  const talk = async (opened: WebSocket, signal: AbortSignal) => {
    socket = opened;
    agent.onlineSince = trueClock.now();
    const timers = [setInterval(sample, SAMPLE_MS)];
    const closed = once(opened, "close");
    const stop = () => opened.terminate();
    signal.addEventListener("abort", stop, { once: true });
    opened.on("message", hear);
    if (host.isSlow) timers.push(setInterval(() => pauseFor(opened, SLOW_MS), 3 * SLOW_MS));
    opened.resume();
    say(parts());
    custom(telemetryTypes.inventory, Buffer.from(JSON.stringify(inventoryOf(host))));
    custom(telemetryTypes.series, Buffer.from(JSON.stringify(seriesOf(host))));
    sample();
    await closed;
    for (const timer of timers) clearInterval(timer);
    signal.removeEventListener("abort", stop);
    agent.onlineSince = undefined;
    socket = undefined;
  };

  return Object.assign(agent, {
    drop: () => socket?.terminate(),
    async run(signal: AbortSignal) {
      const now = clock.now();
      let course: Course = { kind: "waiting", attempt: 0, until: now };
      while (!signal.aborted) {
        if (course.kind === "waiting")
          await clock.sleep(Math.max(0, course.until - clock.now()), signal);
        course = next(course, { kind: "due" }, clock.now(), delay);
        const dialled = await dial(hub, host, clock.now(), chance);
        let retryAfterMs = 0;
        if (dialled.ok) {
          course = next(course, { kind: "opened" }, clock.now(), delay);
          await talk(dialled.socket, signal);
        } else {
          agent.refusals += 1;
          retryAfterMs = dialled.retryAfterMs;
        }
        course = next(course, { kind: "lost", retryAfterMs, windowMs }, clock.now(), delay);
      }
    },
  });
}

function pauseFor(socket: WebSocket, ms: number): void {
  if (socket.readyState !== socket.OPEN) return;
  socket.pause();
  setTimeout(() => socket.resume(), ms);
}

function statusOf(
  { host, gpus }: SwarmHost,
  { revision, plan }: { readonly revision: number; readonly plan: string },
  at: number,
): AgentStatus {
  const reference = revision === 0 ? null : { revision, plan };
  const served = revision === 0 || gpus.count === 0 ? [] : ["mail-triage", "coder"];
  return {
    ...{ schema: "status/1", host, agent: "0.1.0", at, gateway: "127.0.0.1:7430" },
    desired: reference,
    attempted: reference && { ...reference, result: "running" },
    running: reference,
    deployments: Object.fromEntries(
      served.map((name) => [
        name,
        { state: "ready" as const, model: name, digest: plan, instances: 1, ready: 1 },
      ]),
    ),
    conditions: [],
  };
}
