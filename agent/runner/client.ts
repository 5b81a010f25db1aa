import { once } from "node:events";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import type { Clock } from "../life/life.ts";
import { type Conversation, conversationOn, engineLost } from "./conversation.ts";
import { type Engine, EngineError, type GenerateEvent, type RerankRequest } from "./engine.ts";
import { SOCKET } from "./protocol.ts";

/** A connection to a runner. */
export interface RunnerClient extends Disposable {
  readonly engine: Engine;
  /** Of the specification that it runs. */
  readonly digest: string;
  readonly pid: number;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
}

/** A runner tells who it is within this time, however busy: reading and writing tokens does not block it. */
const GREETING_MS = 10_000;
/** Inputs of one question: bounds the length of the answer's line, and how long a cancel waits. */
const INPUTS_AT_ONCE = 16;

/**
 * Connects to the runner of a folder; `undefined` when none answers there.
 * The path of a Unix socket has at most 107 bytes and a state folder may be deep, so the folder is named by descriptor.
 */
export async function connectTo(
  folder: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<RunnerClient | undefined> {
  const socket = await dial(folder, signal);
  if (socket === undefined) return undefined;
  const late = new AbortController();
  const done = new AbortController();
  void clock.sleep(GREETING_MS, done.signal).then(() => late.abort());
  try {
    return await greet(socket, AbortSignal.any([signal, late.signal]));
  } finally {
    done.abort();
    signal.throwIfAborted();
  }
}

async function dial(folder: string, signal: AbortSignal): Promise<Socket | undefined> {
  await using handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  const socket = connect(`/proc/self/fd/${handle.fd}/${SOCKET}`);
  try {
    await once(socket, "connect", { signal });
    return socket;
  } catch {
    socket.destroy();
    signal.throwIfAborted();
    // No socket, or nobody behind it: there is no runner here.
    return undefined;
  }
}

async function greet(socket: Socket, signal: AbortSignal): Promise<RunnerClient | undefined> {
  const talk = conversationOn(socket);
  try {
    for await (const reply of talk.ask({ kind: "describe" }, signal)) {
      if (reply.kind !== "described") break;
      return {
        engine: engineOf(talk),
        digest: reply.digest,
        pid: reply.pid,
        closed: talk.closed,
        [Symbol.dispose]: () => socket.destroy(),
      };
    }
  } catch (error) {
    // It hung up, or did not answer in time: no runner that could be used.
    if (!(error instanceof EngineError)) throw error;
  }
  socket.destroy();
  return undefined;
}

function engineOf(talk: Conversation): Engine {
  return {
    async *generate(request, signal): AsyncGenerator<GenerateEvent, void> {
      for await (const reply of talk.ask({ kind: "generate", request }, signal)) {
        if (reply.kind === "text") yield { kind: "text", text: reply.text };
        else if (reply.kind === "done")
          yield { kind: "done", finishReason: reply.finishReason, usage: reply.usage };
      }
    },
    async embed(inputs, signal) {
      const vectors: (readonly number[])[] = [];
      let inputTokens = 0;
      for (let at = 0; at < inputs.length; at += INPUTS_AT_ONCE) {
        const some = inputs.slice(at, at + INPUTS_AT_ONCE);
        const answer = await embedSome(talk, some, signal);
        vectors.push(...answer.vectors);
        inputTokens += answer.inputTokens;
      }
      return { vectors, inputTokens };
    },
    async rerank({ query, documents }, signal) {
      const scores: number[] = [];
      let inputTokens = 0;
      for (let at = 0; at < documents.length; at += INPUTS_AT_ONCE) {
        const some = documents.slice(at, at + INPUTS_AT_ONCE);
        const answer = await rerankSome(talk, { query, documents: some }, signal);
        scores.push(...answer.scores);
        inputTokens += answer.inputTokens;
      }
      return { scores, inputTokens };
    },
  };
}

async function embedSome(talk: Conversation, inputs: readonly string[], signal: AbortSignal) {
  for await (const reply of talk.ask({ kind: "embed", inputs }, signal)) {
    if (reply.kind === "vectors") return reply;
  }
  throw engineLost();
}

async function rerankSome(talk: Conversation, request: RerankRequest, signal: AbortSignal) {
  for await (const reply of talk.ask({ kind: "rerank", ...request }, signal)) {
    if (reply.kind === "scores") return reply;
  }
  throw engineLost();
}
