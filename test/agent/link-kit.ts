/** A hub made of a real WebSocket server and the schema's frames, and an agent's link to it. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentStatus, Delivery, HostName } from "@millwright/schema";
import { type AgentToServer, decodeAgentFrame, encodeServerFrame } from "@millwright/schema/opamp";
import { type WebSocket, WebSocketServer } from "ws";
import { makeIdentity, openState } from "../../agent/disk/disk.ts";
import {
  type Clock,
  conditionsOf,
  type HappenedEvent,
  systemChance,
  systemClock,
} from "../../agent/life/life.ts";
import { type Link, type LinkRequest, linkTo, type Offered } from "../../agent/link/link.ts";

type ServerMessage = Parameters<typeof encodeServerFrame>[0];

export interface TestHub extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Every message that came, of all connections. */
  readonly heard: AgentToServer[];
  /** The headers of every request to connect, also of refused ones. */
  readonly calls: IncomingHttpHeaders[];
  readonly paths: string[];
  readonly closes: number[];
  /** The newest connection. */
  socket(): WebSocket;
  say(message: ServerMessage): void;
  /** The first message, from number `from` on, for which `is` holds. */
  message(is: (message: AgentToServer) => boolean, from?: number): Promise<AgentToServer>;
}

export interface HubWish {
  readonly port?: number;
  /** What follows on a message; by default an empty answer. */
  readonly answer?: (message: AgentToServer) => ServerMessage | Uint8Array | undefined;
  /** Refuses to upgrade with such a head. */
  readonly refuse?: () => string | undefined;
  /** Answers polls as well; without it they are not found. */
  readonly polls?: (request: IncomingMessage, response: ServerResponse) => void;
}

export async function startHub({
  port = 0,
  answer = () => ({}),
  refuse,
  polls = (_request, response) => response.writeHead(404).end(),
}: HubWish = {}): Promise<TestHub> {
  const server = createServer(polls);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const heard: AgentToServer[] = [];
  const calls: IncomingHttpHeaders[] = [];
  const paths: string[] = [];
  const closes: number[] = [];
  let newest: WebSocket | undefined;
  server.on("upgrade", (request, socket, head) => {
    // A refused agent hangs up; Node takes its own listener away with the upgrade.
    socket.on("error", () => socket.destroy());
    calls.push(request.headers);
    paths.push(request.url ?? "");
    const refusal = refuse?.();
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (connection) => {
      newest = connection;
      connection.on("error", () => undefined);
      connection.on("close", (code) => closes.push(code));
      connection.on("message", (data) => {
        const message = Buffer.isBuffer(data) ? decodeAgentFrame(data) : undefined;
        if (message === undefined) throw new Error("the agent sent a frame that is no message");
        heard.push(message);
        const reply = answer(message);
        if (reply !== undefined && connection.readyState === connection.OPEN)
          connection.send(reply instanceof Uint8Array ? reply : encodeServerFrame(reply));
      });
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const at = (server.address() as AddressInfo).port;
  const current = () => {
    if (newest === undefined) throw new Error("nobody is connected");
    return newest;
  };
  return {
    ...{ url: `ws://127.0.0.1:${at}`, port: at, heard, calls, paths, closes, socket: current },
    say: (message) => current().send(encodeServerFrame(message)),
    message: (is, from = 0) =>
      eventually(() => heard.slice(from).find(is), "the agent says what is waited for"),
    async [Symbol.asyncDispose]() {
      for (const connection of sockets.clients) connection.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A port of this machine on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The first value that is there, within five seconds. */
export async function eventually<T>(look: () => T | undefined, what: string): Promise<T> {
  const until = Date.now() + 5_000;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (Date.now() > until) throw new Error(`it does not come about that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
export const holds = (look: () => boolean, what: string) =>
  eventually(() => (look() ? true : undefined), what);

const statusOf = (change: Partial<AgentStatus> = {}): AgentStatus => ({
  ...{ schema: "status/1", host: "fra-1", agent: "0.1.0", at: Date.now() },
  ...{ desired: null, attempted: null, running: null, gateway: null },
  ...{ deployments: {}, conditions: [] },
  ...change,
});

/** An agent that is nothing but a link. */
export interface TestAgent extends AsyncDisposable {
  readonly link: Link;
  readonly request: LinkRequest;
  readonly offers: Delivery[];
  readonly events: HappenedEvent[];
  readonly clock: Clock & { offset: number; readonly slept: number[] };
  codes(): readonly string[];
  /** Becomes the agent's status. */
  become(change: Partial<AgentStatus>): void;
  stop(): Promise<void>;
}

export interface AgentWish {
  readonly hubs: readonly string[] | (() => readonly string[]);
  readonly offered?: (delivery: Delivery, hash: Uint8Array) => Promise<Offered>;
  /** What chance says; half by default. */
  readonly fraction?: number;
  /** The longest real sleep, in milliseconds: 10 by default. */
  readonly longest?: number;
}

export async function startAgent({
  hubs,
  offered,
  fraction = 0.5,
  longest = 10,
}: AgentWish): Promise<TestAgent> {
  const folder = await mkdtemp(join(tmpdir(), "mw-link-"));
  const state = await openState(folder);
  const identity = await makeIdentity(state, "fra-1" as HostName, ["ws://127.0.0.1"]);
  // Long waits are short here; what was asked for is written down.
  const clock: TestAgent["clock"] = {
    offset: 0,
    slept: [],
    now: () => Date.now() + clock.offset,
    sleep(ms, signal) {
      clock.slept.push(ms);
      return systemClock.sleep(Math.min(ms, longest), signal);
    },
  };
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const conditions = conditionsOf(clock, changed);
  const events: HappenedEvent[] = [];
  const offers: Delivery[] = [];
  let status = statusOf();
  const request: LinkRequest = {
    ...{ identity, state, conditions, clock },
    hubs: typeof hubs === "function" ? hubs : () => hubs,
    status: () => ({ ...status, at: clock.now(), conditions: [...conditions.list()] }),
    statusChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async offered(delivery, hash) {
      offers.push(delivery);
      return (await offered?.(delivery, hash)) ?? { ok: true };
    },
    journal: (_severity, event) => events.push(event),
    chance: { fraction: () => fraction, bytes: systemChance.bytes },
  };
  const link = linkTo(request);
  const stop = new AbortController();
  const running = link.service(stop.signal);
  // Looked at by `stop`; until then a failure must not count as unhandled.
  running.catch(() => undefined);
  return {
    ...{ link, request, offers, events, clock },
    codes: () => conditions.list().map(({ code }) => code),
    become(change) {
      status = { ...status, ...change };
      changed();
    },
    async stop() {
      stop.abort();
      await running;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running.finally(() => rm(folder, { recursive: true, force: true }));
    },
  };
}
