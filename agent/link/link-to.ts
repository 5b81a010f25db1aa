import { type Service, together } from "../life/life.ts";
import { delayMs, MAX_WAIT_MS } from "./backoff.ts";
import { contestedOf } from "./contested.ts";
import { type Course, next } from "./course.ts";
import { instanceOf, keepInstance } from "./instance.ts";
import type { LinkRequest } from "./link-request.ts";
import { offersOf } from "./offers.ts";
import type { Poller } from "./poll.ts";
import { type Reached, reach, reachBySocket } from "./reach.ts";
import { type Lost, type Session, sessionOf } from "./session.ts";

/** How often a host that polls looks whether a WebSocket comes through by now. */
const SOCKET_AGAIN_MS = 300_000;
const UNFIT = "link/unfit-hub";

export interface Link {
  readonly service: Service;
  /** Sends a custom message. False, and nothing is kept, when there is no connection or the hub reads too slowly. */
  send(capability: string, type: string, data: Uint8Array): boolean;
  /** Calls back after every connect, when the hub has been introduced; returns how to stop that. */
  onOnline(listener: () => void): () => void;
}

export function linkTo(request: LinkRequest): Link {
  const { hubs, state, clock, chance, conditions, journal } = request;
  const listeners = new Set<() => void>();
  let session: Session | undefined;
  let online = false;
  let count = 0n;
  let instance = new Uint8Array();
  const contested = contestedOf({ ...request, host: request.identity.host });
  const offers = offersOf(request.offered, clock, () => session?.wake());
  const delay = (attempt: number, retryAfterMs: number, windowMs: number) =>
    delayMs(attempt, retryAfterMs, chance, windowMs);

  const away = (reason: string) => {
    conditions.raise({
      code: "link/hub-unreachable",
      severity: "warning",
      message: `No connection to a hub of ${brief(hubs().join(", "))}: ${brief(reason)}. What runs goes on running; feedback is kept until the hub is back.`,
    });
  };

  /** What is wrong with an address ends when the plan no longer holds it. */
  const forgetUnfit = () => {
    for (const { code, subject } of conditions.list())
      if (code === UNFIT && !hubs().includes(subject ?? "")) conditions.clear(code, subject);
  };

  const sequence = () => {
    count += 1n;
    return count;
  };
  const pollerOf = (hub: string): Poller => ({
    ...{ ...request, hub, sequence },
    instance: () => instance,
  });

  /** The hubs in order, until one opens. */
  const dialAll = async (signal: AbortSignal): Promise<Reached | Lost> => {
    const reasons: string[] = [];
    let retryAfterMs = 0;
    forgetUnfit();
    for (const hub of hubs()) {
      if (signal.aborted) break;
      const dialled = await reach(pollerOf(hub), signal);
      if (dialled.kind === "open") return dialled;
      if (dialled.kind === "failed") {
        reasons.push(dialled.reason);
        retryAfterMs = Math.max(retryAfterMs, dialled.retryAfterMs ?? 0);
        continue;
      }
      const message = brief(dialled.failure.message);
      reasons.push(message);
      conditions.raise({ code: UNFIT, severity: "error", subject: hub.slice(0, 200), message });
    }
    return { reason: reasons.join("; "), retryAfterMs };
  };

  const rename = (renamed: Uint8Array) => {
    instance = Uint8Array.from(renamed);
    keepInstance(state, instance).catch((error: unknown) =>
      // It holds until the agent restarts; then the hub finds it again.
      journal("error", { event: "link/instance-not-kept", reason: String(error) }),
    );
  };

  /** One connection, until it is lost; `better`: a WebSocket came through, and takes the place of polling. */
  const talk = async (
    { hub, wire }: Extract<Reached, { kind: "open" }>,
    startedAt: number,
    signal: AbortSignal,
  ): Promise<{ readonly lost: Lost; readonly better?: Extract<Reached, { kind: "open" }> }> => {
    const enough = new AbortController();
    const over = new AbortController();
    conditions.clear("link/hub-unreachable");
    session = sessionOf(wire, {
      ...{ ...request, hub, startedAt, offers, contested, sequence },
      instance: () => instance,
      renamed: rename,
      introduced: () => {
        online = true;
        journal("info", { event: "link/online", hub, transport: wire.kind });
        for (const listener of listeners) listener();
      },
    });
    const either = AbortSignal.any([signal, enough.signal]);
    const running = session.run(either).finally(() => over.abort());
    const better =
      wire.kind === "polling"
        ? await socketTo(hub, AbortSignal.any([signal, over.signal]))
        : undefined;
    if (better !== undefined) enough.abort();
    const lost = await running;
    online = false;
    session = undefined;
    return better === undefined ? { lost } : { lost, better };
  };

  /** Tries for a WebSocket now and then, until there is one or the signal aborts. */
  const socketTo = async (hub: string, signal: AbortSignal) => {
    while (!signal.aborted) {
      await clock.sleep(SOCKET_AGAIN_MS * (0.5 + chance.fraction()), signal);
      if (signal.aborted) break;
      const reached = await reachBySocket(pollerOf(hub), signal);
      if (reached.kind === "open") return reached;
    }
    return undefined;
  };

  const keepConnected: Service = async (signal) => {
    const startedAt = clock.now();
    instance = Uint8Array.from(await instanceOf(state, startedAt, chance));
    let course: Course = { kind: "waiting", attempt: 0, until: startedAt };
    const lose = ({ reason, retryAfterMs = 0, windowMs = 0 }: Lost) => {
      course = next(course, { kind: "lost", retryAfterMs, windowMs }, clock.now(), delay);
      if (signal.aborted) return;
      away(reason);
      journal("warn", { event: "link/lost", reason });
    };
    while (!signal.aborted) {
      if (course.kind === "waiting") await clock.sleep(waitMs(course.until - clock.now()), signal);
      if (signal.aborted) return;
      course = next(course, { kind: "due" }, clock.now(), delay);
      const reached = await dialAll(signal);
      if (!("wire" in reached)) {
        lose("reason" in reached ? reached : { reason: "no hub could be dialled" });
        continue;
      }
      course = next(course, { kind: "opened" }, clock.now(), delay);
      let talked = await talk(reached, startedAt, signal);
      while (talked.better !== undefined) talked = await talk(talked.better, startedAt, signal);
      lose(talked.lost);
    }
  };

  return {
    service: (signal) => together([keepConnected, offers.run], signal),
    send: (capability, type, data) =>
      online && (session?.send({ customMessage: { capability, type, data } }) ?? false),
    onOnline(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function waitMs(ms: number): number {
  return Math.min(Math.max(0, ms), MAX_WAIT_MS);
}

/** A condition that is longer than its schema allows would cost the hub the whole status. */
function brief(text: string): string {
  return text.slice(0, 1_000);
}
