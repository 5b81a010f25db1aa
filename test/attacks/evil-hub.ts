/**
 * The evil hub: a man in the middle between a real agent and a real hub, who reads everything, holds the token of the
 * moment, and may change, drop, delay, truncate, inflate, repeat or invent what passes in either direction.
 *
 * In every attack (`unharmed`, in unharmed-kit.ts) the agent keeps serving what it served, raises the alarm of the
 * attack, the real hub shows that alarm, the state folder is what it was, and an honest revision is taken afterwards.
 *
 *   attack                          file                              stopped by
 *   arbitrary installation          arbitrary-plan.test.ts            TUF 1.0.34 §1.5.2, §5.3.4; Uptane "arbitrary software"
 *   wrong signer                    wrong-signer.test.ts              TUF §5.6.3
 *   too few signers                 too-few-signers.test.ts           TUF §5.6.3 (threshold of §4.4)
 *   one key under two ids           one-key-twice.test.ts             TUF §4.2, §4.3 (a key is one signer)
 *   rollback                        rollback.test.ts                  TUF §5.4.3, §5.5.5, §5.6.4; Uptane "rollback"
 *   indefinite freeze               freeze.test.ts                    TUF §5.4.4; Uptane "freeze"
 *   fast-forward                    fast-forward.test.ts              TUF §5.3.11
 *   mix-and-match                   mix-and-match.test.ts             TUF §5.5.2, §5.6.2; Uptane "mix-and-match"
 *   plan of another host            plan-of-another-host.test.ts      Uptane: the ECU's id is in the director's targets
 *   plan outside the tree           plan-outside-the-tree.test.ts     RFC 9162 §2.1.3
 *   changed leaf                    changed-leaf.test.ts              RFC 9162 §2.1.3; RFC 8785
 *   endless data                    endless-data.test.ts              TUF §5.3.3, §5.7.3; Uptane "endless data"
 *   slow retrieval                  slow-retrieval.test.ts            TUF §1.5.2; Uptane "slow retrieval"
 *   a model of other bytes          other-model.test.ts               TUF §5.7.3; Uptane "arbitrary software"
 *   truncated frames                truncated-frames.test.ts          OpAMP "WebSocket message format"; RFC 6455 §5, §7
 *   oversized frames                oversized-frames.test.ts          RFC 6455 §10.4
 *   compression bombs               compression-bombs.test.ts         RFC 7692 §8; RFC 9110 §8.4
 *   replayed and foreign tokens     tokens.test.ts                    RFC 7519 §4.1, RFC 8725 §3
 *   an evil hub at enrolment        enrolment.test.ts                 TUF §5.2 (the root comes another way)
 *   empty configuration             empty-config.test.ts              OpAMP "AgentRemoteConfig"
 *   connection settings             connection-settings.test.ts       OpAMP "Connection settings management", "Security"
 *   packages and commands           packages-and-commands.test.ts     OpAMP "Packages", "ServerToAgentCommand"
 *   tricks in an offline bundle     offline-bundle.test.ts            TUF §5.7.3; CWE-59, CWE-62 "link following"
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Delivery } from "@millwright/schema";
import {
  type AgentToServer,
  decodeAgentFrame,
  decodeServerFrame,
  encodeServerFrame,
  OPAMP_PATH,
  RemoteConfigStatuses,
  type ServerToAgent,
} from "@millwright/schema/opamp";
import { WebSocket, WebSocketServer } from "ws";
import { earsOf } from "./ears-kit.ts";

/** What the man in the middle does with what passes. What he does not touch passes as it is. */
export interface Hooks {
  /** The frames that the agent gets instead of this one of the hub's. */
  readonly down?: (message: ServerToAgent, frame: Buffer) => readonly Uint8Array[];
  /** The frames that the hub gets instead of this one of the agent's. */
  readonly up?: (message: AgentToServer, frame: Buffer) => readonly Uint8Array[];
  /** The head of the answer to the agent's WebSocket handshake. */
  readonly handshake?: (headers: string[]) => void;
  /** Answers the agent's request for a WebSocket in place of the hub; false: it goes to the hub. */
  readonly upgrade?: (socket: Duplex) => boolean;
  /** Answers a request of the agent's in place of the hub; false: it goes to the hub. */
  readonly http?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface EvilHub extends AsyncDisposable {
  /** Where agents believe the hub is. */
  readonly url: string;
  /** The real hub. */
  upstream: string;
  hooks: Hooks;
  /** Every token that passed by, the newest last. */
  readonly tokens: string[];
  /** How often the agent has asked for a WebSocket. */
  dials: number;
  /** Every delivery that the real hub made, the newest last. */
  readonly seen: Delivery[];
  /** Does this, and resolves when the agent speaks on a connection that was made afterwards. */
  severed(act: () => void): Promise<unknown>;
  /** What the agent says of the offer with this hash: the code of its refusal, or "applied". */
  verdict(hash: Uint8Array): Promise<string>;
  /** Sends a frame to the agent. */
  send(frame: Uint8Array): void;
  /** Offers the agent a configuration made of these files. Gives the code with which the agent refuses it. */
  refusal(files: Delivery): Promise<string>;
  /** Writes bytes that need not be WebSocket into the agent's connection. */
  write(bytes: Uint8Array): void;
  /** Cuts the agent's connection. */
  cut(): void;
}

export async function startEvilHub(): Promise<EvilHub> {
  const server = createServer((request, response) => {
    const { authorization = "" } = request.headers;
    evil.tokens.push(authorization.replace("Bearer ", ""));
    if (evil.hooks.http?.(request, response) !== true) forward(evil.upstream, request, response);
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  sockets.on("headers", (headers) => evil.hooks.handshake?.(headers));
  const ears = earsOf();
  let connections = 0;
  let agent: WebSocket | undefined;
  let line: Duplex | undefined;

  const join = (down: WebSocket, up: WebSocket) => {
    connections += 1;
    const connection = connections;
    for (const socket of [down, up]) socket.on("error", () => socket.terminate());
    down.on("close", () => up.terminate());
    up.on("close", (code, reason) => {
      // A word of farewell is passed on; a connection that broke is one that breaks.
      if (code === 1006 || code === 1005) down.terminate();
      else down.close(code, reason);
    });
    up.on("message", (data: Buffer) => {
      const message = decodeServerFrame(data);
      if (message === undefined) throw new Error("the real hub sent a frame that is no message");
      const files = Object.entries(message.remoteConfig?.config?.configMap ?? {});
      if (files.length > 0) evil.seen.push(new Map(files.map(([name, { body }]) => [name, body])));
      for (const frame of evil.hooks.down?.(message, data) ?? [data]) pass(down, frame);
    });
    down.on("message", (data: Buffer) => {
      const message = decodeAgentFrame(data);
      if (message === undefined) throw new Error("the agent sent a frame that is no message");
      for (const frame of evil.hooks.up?.(message, data) ?? [data]) pass(up, frame);
      ears.hear(message, connection);
    });
    up.resume();
  };

  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    const { authorization = "" } = request.headers;
    evil.tokens.push(authorization.replace("Bearer ", ""));
    evil.dials += 1;
    if (evil.hooks.upgrade?.(socket) === true) return;
    const up = new WebSocket(`${evil.upstream.replace("http", "ws")}${OPAMP_PATH}`, {
      headers: { authorization },
      perMessageDeflate: false,
    });
    up.on("error", () => socket.destroy());
    up.on("unexpected-response", (_request, { statusCode, statusMessage, headers }) => {
      const later = headers["retry-after"];
      const wait = later === undefined ? "" : `Retry-After: ${later}\r\n`;
      socket.end(`HTTP/1.1 ${statusCode} ${statusMessage}\r\n${wait}Content-Length: 0\r\n\r\n`);
      up.terminate();
    });
    up.on("open", () => {
      up.pause();
      line = socket;
      sockets.handleUpgrade(request, socket, head, (down) => {
        agent = down;
        join(down, up);
      });
    });
  });

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const evil: EvilHub = {
    url: `ws://127.0.0.1:${port}`,
    upstream: "",
    hooks: {},
    tokens: [],
    dials: 0,
    seen: [],
    severed(act) {
      const before = connections;
      const back = ears.heard("anything on a new connection", (_message, connection) =>
        connection > before ? true : undefined,
      );
      act();
      return back;
    },
    verdict: (hash) =>
      ears.heard("what became of the offer", ({ remoteConfigStatus: said }) => {
        if (said === undefined || Buffer.compare(hash, said.lastRemoteConfigHash) !== 0)
          return undefined;
        if (said.status === RemoteConfigStatuses.RemoteConfigStatuses_APPLIED) return "applied";
        if (said.status !== RemoteConfigStatuses.RemoteConfigStatuses_FAILED) return undefined;
        return said.errorMessage.split(":", 1)[0];
      }),
    send(frame) {
      if (agent?.readyState !== WebSocket.OPEN) throw new Error("no agent is connected");
      agent.send(frame);
    },
    refusal(files) {
      const hash = randomBytes(32);
      const verdict = evil.verdict(hash);
      evil.send(offerOf(files, hash));
      return verdict;
    },
    write(bytes) {
      if (line === undefined) throw new Error("no agent is connected");
      line.write(bytes);
    },
    cut: () => agent?.terminate(),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return evil;
}

/** A frame that offers these files, under a hash that was not there before. */
export function offerOf(files: Delivery, configHash: Uint8Array = randomBytes(32)): Uint8Array {
  const configMap = Object.fromEntries([...files].map(([name, body]) => [name, { body }]));
  return encodeServerFrame({ remoteConfig: { config: { configMap }, configHash } });
}

function pass(socket: WebSocket, frame: Uint8Array): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(frame);
}

function forward(upstream: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url } = request;
  const onward = httpRequest(`${upstream}${url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
}
