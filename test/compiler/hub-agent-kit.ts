/** Hosts on a real WebSocket: what an agent says to the hub, and what it hears. */
import type { AgentStatus } from "@millwright/schema";
import {
  decodeServerFrame,
  encodeAgentFrame,
  OPAMP_PATH,
  type ServerToAgent,
  STATUS_FILE,
} from "@millwright/schema/opamp";
import { onTestFinished } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { type TestHost, type TestHub, type TokenClaims, tokenOf, within } from "./hub-kit.ts";
import { NOON } from "./release-kit.ts";

type AgentMessage = Parameters<typeof encodeAgentFrame>[0];

export interface TestAgent {
  /** Sends the next message in sequence. */
  say(message?: AgentMessage): void;
  /** Sends bytes that need not be a message. */
  raw(bytes: Uint8Array | string): void;
  /** The next message of the hub. */
  hear(): Promise<ServerToAgent>;
  /** Says something and hears the answer. */
  ask(message?: AgentMessage): Promise<ServerToAgent>;
  /** The code with which the connection was closed. */
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
}

/** Why an upgrade was refused. */
export interface Rejection {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: string | undefined;
}

/** Connects; an answer other than an upgrade is given as a rejection. */
export async function dial(
  hub: TestHub,
  host: TestHost,
  claims: TokenClaims | string = {},
  options: ClientOptions = {},
): Promise<TestAgent | Rejection> {
  const token = typeof claims === "string" ? claims : await tokenOf(host, claims);
  const socket = new WebSocket(`${hub.url.replace("http", "ws")}${OPAMP_PATH}`, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    ...options,
  });
  onTestFinished(() => socket.terminate());
  const heard: ServerToAgent[] = [];
  const waiting: ((message: ServerToAgent) => void)[] = [];
  socket.on("message", (data: Buffer) => {
    const message = decodeServerFrame(data);
    if (message === undefined) throw new Error("the hub sent rubbish");
    const next = waiting.shift();
    if (next === undefined) heard.push(message);
    else next(message);
  });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  const rejection = await new Promise<Rejection | undefined>((resolve, reject) => {
    socket.on("open", () => resolve(undefined));
    socket.on("error", reject);
    socket.on("unexpected-response", (_request, response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => {
        const { error } = JSON.parse(body) as { error: { code: string } };
        const retryAfter = response.headers["retry-after"];
        resolve({ status: response.statusCode ?? 0, code: error.code, retryAfter });
      });
    });
  });
  if (rejection !== undefined) return rejection;
  let sequence = 0n;
  const uid = Uint8Array.from({ length: 16 }, (_, index) => index);
  const say = (message: AgentMessage = {}) => {
    sequence += 1n;
    socket.send(encodeAgentFrame({ instanceUid: uid, sequenceNum: sequence, ...message }));
  };
  const hear = () => {
    const message = heard.shift();
    return message === undefined
      ? within(5_000, new Promise<ServerToAgent>((resolve) => waiting.push(resolve)))
      : Promise.resolve(message);
  };
  return {
    socket,
    closed: within(10_000, closed),
    say,
    hear,
    raw: (bytes) => socket.send(bytes),
    ask(message = {}) {
      say(message);
      return hear();
    },
  };
}

/** As `dial`, where the hub lets the host in. */
export async function connect(
  hub: TestHub,
  host: TestHost,
  claims: TokenClaims = {},
  options: ClientOptions = {},
): Promise<TestAgent> {
  const agent = await dial(hub, host, claims, options);
  if ("status" in agent) throw new Error(`refused: ${agent.status} ${agent.code}`);
  return agent;
}

export function statusOf(host: TestHost, changes: Partial<AgentStatus> = {}): AgentStatus {
  return {
    schema: "status/1",
    host: host.name,
    agent: "0.1.0",
    at: NOON,
    desired: null,
    attempted: null,
    running: null,
    gateway: null,
    deployments: {},
    conditions: [],
    ...changes,
  };
}

/** The message by which a host says all of itself. */
export function fullState(status: AgentStatus) {
  const body = Buffer.from(JSON.stringify(status));
  return { effectiveConfig: { configMap: { configMap: { [STATUS_FILE]: { body } } } } };
}
