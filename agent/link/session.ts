import {
  decodeServerFrame,
  encodeAgentFrame,
  linkCapability,
  MAX_FRAME,
  parseReconnect,
  RECONNECT_TYPE,
  ServerErrorResponseType,
  type ServerToAgent,
  ServerToAgentFlags,
} from "@millwright/schema/opamp";
import type { HappenedEvent } from "../life/life.ts";
import { alarmOf, clearSilent, raise, raiseSilent } from "./alarm.ts";
import type { Contested } from "./contested.ts";
import { STEADY_MS } from "./course.ts";
import { deliveryOf } from "./delivery.ts";
import type { LinkRequest } from "./link-request.ts";
import type { Offers } from "./offers.ts";
import { UNAVAILABLE_MS } from "./refusal.ts";
import { refuseOffers } from "./refuse.ts";
import { type AgentMessage, capabilities, partsOf } from "./report.ts";
import type { Wire } from "./wire.ts";

/** Counted from the last message (OpAMP, "heartbeat"). The hub answers each, so that silence has a meaning. */
const HEARTBEAT_MS = 30_000;
/** A connection on which nothing was heard for so long is half open: gone, and nobody told us. */
const SILENCE_MS = 90_000;
/** Changes that come together travel together. */
const SPACING_MS = 100;
/** A hub that asks for everything all the time gets it once a second. */
const FULL_MS = 1_000;
/** What may wait in memory for a hub that reads slowly. */
const MAX_BUFFERED = 1024 ** 2;
const CLOSING_MS = 1_000;
/** Another machine with this host's key would have taken the connection long before. */
const ALONE_MS = 900_000;
/** What a hub says wrongly is written to the log this often at most. */
const GRUMBLE_MS = 1_000;

export interface SessionRequest extends LinkRequest {
  readonly hub: string;
  readonly instance: () => Uint8Array;
  /** The hub found that another host goes by this one's `instance_uid`, and gave it a new one. */
  readonly renamed: (instance: Uint8Array) => void;
  readonly startedAt: number;
  readonly offers: Offers;
  readonly contested: Contested;
  /** Counts messages up, over all connections of this process. */
  readonly sequence: () => bigint;
  /** The hub has been told everything; what is sent from now on it can place. */
  readonly introduced: () => void;
}

export interface Lost {
  readonly reason: string;
  readonly retryAfterMs?: number;
  /** Over how long the hub wants its hosts to spread when they come back. */
  readonly windowMs?: number;
}

/** One connection, from open to lost. */
export interface Session {
  /** Speaks and listens until the connection or the signal ends; says goodbye in the second case. */
  run(signal: AbortSignal): Promise<Lost>;
  /** Sends one message beside the reports; false when it cannot leave now. */
  send(fields: AgentMessage): boolean;
  /** There may be something to report. */
  wake(): void;
}

export function sessionOf(wire: Wire, request: SessionRequest): Session {
  const { clock, hub, offers, journal } = request;
  const told = new Map<string, string>();
  let lost: Lost | undefined;
  const openedAt = clock.now();
  let heardAt = openedAt;
  let sentAt = Number.NEGATIVE_INFINITY;
  let fullAt = Number.NEGATIVE_INFINITY;
  let grumbledAt = Number.NEGATIVE_INFINITY;
  let windowMs: number | undefined;
  let wantsAll = false;
  let isBlocked = false;
  let isRenamed = false;
  let bell = new AbortController();

  /** Also when the clock was set back by as much: otherwise the link would be mute until it has caught up. */
  const hasPassed = (ms: number, since: number) => Math.abs(clock.now() - since) >= ms;
  const wake = () => bell.abort();
  const end = (reason: string, more: Omit<Lost, "reason"> = {}) => {
    lost ??= { reason, ...more };
    wake();
  };

  /** Endless data: a hub that complains a thousand times a second must not fill the disk by way of the log. */
  const grumble = (event: HappenedEvent) => {
    if (!hasPassed(GRUMBLE_MS, grumbledAt)) return;
    grumbledAt = clock.now();
    journal("warn", event);
  };

  const send = (fields: AgentMessage): boolean => {
    if (!wire.isOpen || wire.buffered > MAX_BUFFERED) return false;
    const frame = encodeAgentFrame({
      ...fields,
      ...{ instanceUid: request.instance(), sequenceNum: request.sequence(), capabilities },
    });
    if (frame.length > MAX_FRAME) {
      // The gap in the numbers makes the hub ask again, by when there may be less to say.
      journal("error", { event: "link/report-too-large", bytes: frame.length });
      return true;
    }
    wire.send(frame);
    sentAt = clock.now();
    return true;
  };

  /** Sends what the hub does not know yet, or a heartbeat when one is due. */
  const report = () => {
    if (wantsAll && hasPassed(FULL_MS, fullAt)) {
      wantsAll = false;
      told.clear();
    }
    const parts = partsOf(request.status(), offers.state(), request.startedAt);
    const news = parts.filter(({ name, fingerprint }) => told.get(name) !== fingerprint);
    if (news.length === 0 && !hasPassed(HEARTBEAT_MS, sentAt)) return;
    const isFull = told.size === 0;
    const message: AgentMessage = {};
    for (const { fields } of news) Object.assign(message, fields);
    isBlocked = !send(message);
    if (isBlocked) return;
    for (const { name, fingerprint } of news) told.set(name, fingerprint);
    if (isFull) fullAt = clock.now();
  };

  const hear = (message: ServerToAgent) => {
    const { instanceUid, errorResponse, remoteConfig, agentIdentification } = message;
    if (instanceUid.length > 0 && !Buffer.from(instanceUid).equals(request.instance())) {
      grumble({ event: "link/message-for-another", hub });
      return;
    }
    if (errorResponse !== undefined) complain(errorResponse);
    const all = BigInt(ServerToAgentFlags.ServerToAgentFlags_ReportFullState);
    if ((message.flags & all) !== 0n) {
      wantsAll = true;
      wake();
    }
    refuseOffers(message, request);
    listenForWindow(message);
    if (agentIdentification !== undefined) rename(agentIdentification.newInstanceUid);
    if (remoteConfig !== undefined) offers.take(deliveryOf(remoteConfig), remoteConfig.configHash);
  };

  const listenForWindow = ({ customMessage }: ServerToAgent) => {
    const { capability, type, data } = customMessage ?? {};
    if (capability !== linkCapability || type !== RECONNECT_TYPE || data === undefined) return;
    windowMs = parseReconnect(data) ?? windowMs;
  };

  const complain = ({
    type,
    errorMessage,
    retryInfo,
  }: NonNullable<ServerToAgent["errorResponse"]>) => {
    const words = errorMessage.slice(0, 200);
    grumble({ event: "link/hub-complained", hub, message: words });
    if (type !== ServerErrorResponseType.ServerErrorResponseType_Unavailable) return;
    // OpAMP, "throttling": disconnect, wait, come back.
    const asked = retryInfo && Number(retryInfo.retryAfterNanoseconds / 1_000_000n);
    end(`it is unavailable (${words})`, { retryAfterMs: asked ?? UNAVAILABLE_MS });
  };

  /** It names this host and proves nothing: worst of all a hub confuses itself. */
  const rename = (instance: Uint8Array) => {
    // Endless data: a hub that renames all the time must not wear out the disk.
    if (isRenamed || instance.length !== 16 || instance.every((byte) => byte === 0)) {
      grumble({ event: "link/bad-instance", hub });
      return;
    }
    isRenamed = true;
    journal("info", { event: "link/renamed", hub });
    request.renamed(instance.slice());
    // Under its new name nobody knows anything of this host.
    wantsAll = true;
    wake();
  };

  const receive = (frame: Uint8Array | undefined) => {
    heardAt = clock.now();
    const message = frame && decodeServerFrame(frame);
    if (message !== undefined) hear(message);
    else {
      raise("link/bad-frame", request);
      end("it sent a frame that is no message");
    }
  };

  const listen = () =>
    wire.listen({
      frame: receive,
      alive() {
        heardAt = clock.now();
      },
      takenOver: () => request.contested.tookOver(),
      failed(error) {
        const alarm = alarmOf(error);
        if (alarm !== undefined) raise(alarm, request);
        end(error.message);
      },
      closed: (reason, retryAfterMs) =>
        end(reason, retryAfterMs === undefined ? {} : { retryAfterMs }),
    });

  return {
    send,
    wake,
    async run(signal) {
      signal.addEventListener("abort", wake, { once: true });
      const forget = request.statusChanged(wake);
      listen();
      report();
      request.introduced();
      while (lost === undefined && !signal.aborted) {
        const sleptAt = clock.now();
        await clock.sleep(waitMs(sleptAt, sentAt, wantsAll || isBlocked), bell.signal);
        bell = new AbortController();
        if (signal.aborted || lost !== undefined) break;
        if (hasPassed(STEADY_MS, openedAt)) clearSilent(request);
        if (hasPassed(ALONE_MS, openedAt)) request.contested.held();
        if (hasPassed(SILENCE_MS, heardAt)) {
          // Whoever sleeps through it, or has the clock set, has not been listening to silence.
          if (!hasPassed(2 * HEARTBEAT_MS, sleptAt)) raiseSilent(SILENCE_MS, request);
          end("it has been silent for too long");
        }
        // A hub that left the signed plan is no hub of this host any more.
        else if (!request.hubs().includes(hub)) end("it is no longer in the plan");
        else {
          report();
          await clock.sleep(SPACING_MS, signal);
        }
      }
      forget();
      signal.removeEventListener("abort", wake);
      if (lost === undefined) await goodbye(wire, send, request);
      wire.terminate();
      const ended = lost ?? { reason: "the agent stops" };
      return windowMs === undefined ? ended : { ...ended, windowMs };
    },
  };
}

function waitMs(now: number, sentAt: number, soon: boolean): number {
  if (soon) return FULL_MS;
  return Math.max(SPACING_MS, Math.min(HEARTBEAT_MS, sentAt + HEARTBEAT_MS - now));
}

/** OpAMP, "agent_disconnect", then the end of the connection; a hub that does not answer is not waited for. */
async function goodbye(
  wire: Wire,
  send: Session["send"],
  { clock }: SessionRequest,
): Promise<void> {
  const closed = new AbortController();
  send({ agentDisconnect: {} });
  wire.close(() => closed.abort());
  await clock.sleep(CLOSING_MS, closed.signal);
}
