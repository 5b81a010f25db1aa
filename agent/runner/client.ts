import { once } from "node:events";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import type { Digest } from "@millwright/schema";
import type { Clock } from "../life/life.ts";
import { type Conversation, conversationOn, engineLost } from "./conversation.ts";
import { type Engine, EngineError, type GenerateEvent, type RerankRequest } from "./engine.ts";
import { type Reply, SOCKET } from "./protocol.ts";
import { type Shapes, shapeOf } from "./shape.ts";
import { type RunnerSpec, readSpec } from "./spec.ts";

/** A connection to a runner. */
export interface RunnerClient extends Disposable {
  /** What the context of a specification answers. */
  engineOf(specification: Digest, shapes: Shapes): Engine;
  /** Opens a context over the weights that the process holds. Throws EngineError. */
  open(spec: RunnerSpec, signal: AbortSignal): Promise<void>;
  /** Closes one; what it still answers ends. Throws EngineError. */
  close(specification: Digest, signal: AbortSignal): Promise<void>;
  /** Of the specification for which it was started. */
  readonly digest: string;
  /** What was open in it when the connection was made; absent: what it was started for, and no other can be opened. */
  readonly contexts?: readonly RunnerSpec[];
  readonly pid: number;
  /** When the process started, and how many requests it had begun when the connection was made; absent: nobody knows. */
  readonly since?: number;
  readonly answered?: number;
  /** Whether the connection has ended. */
  lost(): boolean;
  /** Resolves when it has. */
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
        engineOf: (context, shapes) => engineOf(talk, context, shapes),
        open: (spec, signal) => done(talk.ask({ kind: "open", spec }, signal)),
        close: (context, signal) => done(talk.ask({ kind: "close", context }, signal)),
        ...(reply.contexts !== undefined && { contexts: reply.contexts.flatMap(specOf) }),
        digest: reply.digest,
        pid: reply.pid,
        ...(reply.since !== undefined && { since: reply.since }),
        ...(reply.answered !== undefined && { answered: reply.answered }),
        lost: () => socket.destroyed,
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

async function done(replies: AsyncIterable<Reply>): Promise<void> {
  for await (const _ of replies);
}

function specOf(said: unknown): readonly RunnerSpec[] {
  const spec = readSpec(said);
  return spec.ok ? [spec.value] : [];
}

function engineOf(talk: Conversation, context: Digest, shapes: Shapes): Engine {
  const sized = (kind: "embed" | "rerank", texts: readonly string[]) =>
    shapes.begin({
      ...{ kind, items: texts.length, options: {} },
      characters: texts.reduce((sum, { length }) => sum + length, 0),
    });
  return {
    async *generate(request, signal): AsyncGenerator<GenerateEvent, void> {
      const going = shapes.begin(shapeOf(request));
      try {
        for await (const reply of talk.ask({ kind: "generate", context, request }, signal)) {
          if (reply.kind === "text" || reply.kind === "tool-call") {
            const { id: _, ...piece } = reply;
            going.piece();
            yield piece;
          } else if (reply.kind === "done") {
            const { finishReason, usage, confidence } = reply;
            going.done(usage);
            yield {
              ...{ kind: "done", finishReason, usage },
              ...(confidence !== undefined && { confidence }),
            };
          }
        }
      } finally {
        going.end();
      }
    },
    async embed(inputs, signal) {
      using end = new DisposableStack();
      const going = sized("embed", inputs);
      end.defer(going.end);
      const vectors: (readonly number[])[] = [];
      let inputTokens = 0;
      for (let at = 0; at < inputs.length; at += INPUTS_AT_ONCE) {
        const some = inputs.slice(at, at + INPUTS_AT_ONCE);
        const answer = await embedSome(talk, context, some, signal);
        vectors.push(...answer.vectors);
        inputTokens += answer.inputTokens;
      }
      going.done({ inputTokens });
      return { vectors, inputTokens };
    },
    async rerank({ query, documents }, signal) {
      using end = new DisposableStack();
      const going = sized("rerank", documents);
      end.defer(going.end);
      const scores: number[] = [];
      let inputTokens = 0;
      for (let at = 0; at < documents.length; at += INPUTS_AT_ONCE) {
        const some = documents.slice(at, at + INPUTS_AT_ONCE);
        const answer = await rerankSome(talk, context, { query, documents: some }, signal);
        scores.push(...answer.scores);
        inputTokens += answer.inputTokens;
      }
      going.done({ inputTokens });
      return { scores, inputTokens };
    },
    async stats(signal) {
      for await (const reply of talk.ask({ kind: "stats", context }, signal)) {
        if (reply.kind === "stats") return reply.stats ?? undefined;
      }
      throw engineLost();
    },
  };
}

async function embedSome(
  talk: Conversation,
  context: Digest,
  inputs: readonly string[],
  signal: AbortSignal,
) {
  for await (const reply of talk.ask({ kind: "embed", context, inputs }, signal)) {
    if (reply.kind === "vectors") return reply;
  }
  throw engineLost();
}

async function rerankSome(
  talk: Conversation,
  context: Digest,
  request: RerankRequest,
  signal: AbortSignal,
) {
  for await (const reply of talk.ask({ kind: "rerank", context, ...request }, signal)) {
    if (reply.kind === "scores") return reply;
  }
  throw engineLost();
}
