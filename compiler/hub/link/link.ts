/**
 * The hosts' connections, by WebSocket or by polling: OpAMP, the server's side.
 *
 * In: upgrades and polls of an HTTP server, offers to push. Out: what hosts say, put into the fleet's view.
 * Promise: one connection a host, the newest; every message is answered; rubbish ends a connection and nothing else;
 * a push to any number of hosts leaves the event loop free in between; a host that left the fleet is disconnected.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import {
  type AgentToServer,
  encodeServerBody,
  MAX_FRAME,
  OPAMP_PATH,
  TAKEN_OVER,
  windowOf,
} from "@millwright/schema/opamp";
import { type WebSocket, WebSocketServer } from "ws";
import { type Admit, claimantOf, throttle } from "../admit/admit.ts";
import type { Clock } from "../clock.ts";
import { type Fleet, type HostView, isAtWork } from "../fleet/fleet.ts";
import type { Offer } from "../follow/follow.ts";
import type { Service } from "../service.ts";
import type { HubLimits } from "../settings.ts";
import { type Connection, closeCodes, connectionOf } from "./connection.ts";
import { instances } from "./instances.ts";
import { pollsOf } from "./polls.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import { takeovers } from "./takeovers.ts";
import { talkOf, unavailable } from "./talk.ts";

/** Sends between two turns of the event loop: measured with TLS, 20 keep the worst stall below 10 ms. */
const SENDS_A_TURN = 20;
/** For the few refusals that no throttle counts. */
const RETRY_AFTER_S = 5;
const CLOSING_MS = 1_000;

export interface LinkRequest {
  readonly fleet: Fleet;
  readonly admit: Admit<HostView>;
  readonly clock: Clock;
  readonly limits: HubLimits;
  readonly offer: () => Offer | undefined;
  readonly watch: LinkWatch;
}

/** What happens on the link, for metrics and journal. */
export interface LinkWatch {
  connected(host: HostView): void;
  disconnected(host: HostView): void;
  refused(code: string): void;
  received(): void;
  sent(): void;
  complained(host: HostView, complaint: string): void;
  failed(host: HostView, reason: string): void;
  /** Two machines seem to go by this host's name and key. */
  contested(host: HostView): void;
}

export interface Link {
  /** Takes over a request that wants to become a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Answers a message that came over plain HTTP; the host was admitted. `undefined`: it was no message. */
  poll(host: HostView, message: AgentToServer | undefined): Uint8Array;
  /** Gives every connected host what is offered now; disconnects those that are no longer in the fleet. */
  push(): Promise<void>;
  readonly size: number;
  /** Pings until the signal aborts, then says goodbye. */
  readonly run: Service;
}

export function linkOf({ fleet, admit, clock, limits, offer, watch }: LinkRequest): Link {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Compression costs 27 times the memory a connection.
    perMessageDeflate: false,
    maxPayload: MAX_FRAME,
  });
  const handshakes = throttle(limits.handshakesPerSecond);
  const connections = new Map<string, Connection>();
  let open = true;

  const known = instances();
  const taken = takeovers();

  const talkWith = (host: HostView) =>
    talkOf({
      ...{ host, offer, instances: known },
      now: clock.now,
      windowMs: () => windowOf(fleet.size),
      heard: (view, lasting) => {
        watch.received();
        // Nothing is written for a heartbeat or a sample: ten thousand hosts send a thousand of them a second.
        if (lasting) fleet.touch(view);
      },
      failed: watch.failed,
      complained: watch.complained,
    });
  const came = (host: HostView) => {
    host.connectedSince = clock.now();
    watch.connected(host);
  };
  const went = (host: HostView) => {
    host.connectedSince = undefined;
    fleet.touch(host);
    watch.disconnected(host);
  };
  const polls = pollsOf({ now: clock.now, talk: talkWith, began: came, ended: went });

  /** The newest connection is the host's. */
  const replace = (host: HostView) => {
    const before = connections.get(host.name);
    if (before === undefined) return;
    before.close(closeCodes.policy, TAKEN_OVER);
    // Cloned disks: two machines with one name and one key push each other out, and each is half a host.
    if (taken.happened(host.name, clock.now())) watch.contested(host);
  };

  const begin = (host: HostView, socket: WebSocket) => {
    replace(host);
    polls.forget(host.name);
    const connection = connectionOf({
      ...{ socket, host, talk: talkWith(host) },
      bufferedBytes: limits.bufferedBytes,
      complained: watch.complained,
      sent: watch.sent,
    });
    connections.set(host.name, connection);
    came(host);
    socket.once("close", () => {
      // A connection that was replaced has nothing more to say about its host.
      if (connections.get(host.name) !== connection) return;
      connections.delete(host.name);
      went(host);
    });
  };

  /** In turns, so that a large fleet does not hold up the hub. */
  const each = async (visit: (connection: Connection) => void) => {
    let count = 0;
    for (const connection of [...connections.values()]) {
      visit(connection);
      count += 1;
      if (count % SENDS_A_TURN === 0) await turn();
    }
  };

  return {
    get size() {
      return connections.size + polls.size;
    },
    async upgrade(request, socket, head) {
      // A client that hangs up in the middle is no concern of ours.
      socket.on("error", () => socket.destroy());
      const { authorization } = request.headers;
      const refuse = (
        status: 401 | 404 | 429 | 503,
        code: string,
        message: string,
        retryAfterSeconds = RETRY_AFTER_S,
      ) => {
        watch.refused(code);
        const retry = status === 429 || status === 503 ? { retryAfterSeconds } : {};
        refuseUpgrade(socket, { status, code, message, ...retry });
      };
      if (!open) return refuse(503, "hub/stopping", "The hub is about to stop.");
      if (request.url?.split("?")[0] !== OPAMP_PATH) {
        return refuse(404, "hub/no-such-path", `Hosts connect to ${OPAMP_PATH}.`);
      }
      const claimant = fleet.host(claimantOf(authorization) ?? "");
      const passage = handshakes.admit(clock.now(), claimant !== undefined && isAtWork(claimant));
      if (!passage.ok) {
        const message = "Too many hosts connect at once.";
        return refuse(503, "hub/too-many-handshakes", message, passage.retryAfterSeconds);
      }
      const admitted = await admit(authorization, clock.now());
      if (!admitted.ok) return refuse(admitted.status, admitted.code, admitted.message);
      if (!open) return refuse(503, "hub/stopping", "The hub is about to stop.");
      sockets.handleUpgrade(request, socket, head, (websocket) => begin(admitted.host, websocket));
    },
    poll(host, message) {
      if (!open) return encodeServerBody(unavailable("the hub stops"));
      // Whoever is here by WebSocket and says goodbye to polling does not come by polling.
      if (message?.agentDisconnect !== undefined && !polls.has(host)) return encodeServerBody({});
      replace(host);
      connections.delete(host.name);
      watch.sent();
      const answer = polls.answer(host, message).message;
      const body = encodeServerBody(answer);
      if (body.length < MAX_FRAME) return body;
      watch.complained(host, `an offer of ${body.length} bytes is larger than a frame may be`);
      return encodeServerBody({ ...answer, remoteConfig: undefined });
    },
    push() {
      polls.sweep((host) => fleet.host(host.name) === host);
      return each((connection) => {
        const { host, key } = connection;
        // Revocation: a deleted host, or a key that was exchanged, is out with the revision that says so.
        if (fleet.host(host.name) === host && host.key === key) connection.push();
        else connection.close(closeCodes.policy, "this host or its key is no longer in the fleet");
      });
    },
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleep(limits.pingMs, signal);
        polls.sweep((host) => fleet.host(host.name) === host);
        if (!signal.aborted) await each((connection) => connection.probe());
      }
      open = false;
      const ended = [...connections.values()].map((connection) => {
        connection.close(closeCodes.away, "the hub stops");
        return connection.ended;
      });
      const late = new AbortController();
      await Promise.race([Promise.all(ended), clock.sleep(CLOSING_MS, late.signal)]);
      late.abort();
      for (const connection of connections.values()) connection.cut();
    },
  };
}
