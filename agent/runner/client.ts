import { once } from "node:events";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { type Engine, EngineError, type GenerateEvent, type GenerateRequest } from "./engine.ts";
import { lineOf, lineReader, type Reply, type Request, SOCKET } from "./protocol.ts";

/** A connection to a runner. */
export interface RunnerClient extends Disposable {
  readonly engine: Engine;
  readonly digest: string;
  readonly pid: number;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
}

/** Replies that may wait for a slow reader before the runner is made to wait. */
const BUFFERED = 1024;

/**
 * Connects to the runner of a folder; `undefined` when none answers there.
 * The path of a Unix socket has at most 107 bytes and a state folder may be deep, so the folder is named by descriptor.
 */
export async function connectTo(
  folder: string,
  signal: AbortSignal,
): Promise<RunnerClient | undefined> {
  const socket = await dial(folder, signal);
  return socket === undefined ? undefined : greet(socket, signal);
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
  const talk = conversation(socket);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
  try {
    for await (const reply of talk.ask({ kind: "describe" }, limit)) {
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
    if (!(error instanceof EngineError)) throw error;
    signal.throwIfAborted();
  }
  socket.destroy();
  return undefined;
}

/** Without the id, which the conversation gives. */
type Question = Request extends infer R ? (R extends Request ? Omit<R, "id"> : never) : never;

interface Conversation {
  /** Asks, and gives the replies until the last one. Throws EngineError. An aborted or abandoned question is cancelled. */
  ask(question: Question, signal: AbortSignal): AsyncGenerator<Reply, void>;
  readonly closed: Promise<void>;
}

interface Asked {
  push(reply: Reply | undefined): void;
}

function conversation(socket: Socket): Conversation {
  const open = new Map<number, Asked>();
  const read = lineReader<Reply>();
  let ids = 0;
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      for (const asked of open.values()) asked.push(undefined);
      resolve();
    });
  });
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    for (const reply of read(chunk)) {
      if (reply === undefined) socket.destroy();
      else open.get(reply.id)?.push(reply);
    }
  });

  return {
    closed,
    async *ask(question, signal) {
      if (socket.destroyed) throw lost();
      if (signal.aborted) throw new EngineError("cancelled", "The request was cancelled.");
      ids += 1;
      const id = ids;
      const replies: (Reply | undefined)[] = [];
      let wake = () => {};
      let over = false;
      open.set(id, {
        push(reply) {
          replies.push(reply);
          if (replies.length > BUFFERED) socket.pause();
          wake();
        },
      });
      const cancel = () => {
        if (!socket.destroyed) socket.write(lineOf({ kind: "cancel", id }));
        wake();
      };
      signal.addEventListener("abort", cancel, { once: true });
      try {
        socket.write(lineOf({ ...question, id } as Request));
        while (true) {
          if (replies.length === 0)
            await new Promise<void>((resolve) => {
              wake = resolve;
              if (signal.aborted) resolve();
            });
          if (signal.aborted) throw new EngineError("cancelled", "The request was cancelled.");
          const reply = replies.shift();
          if (replies.length < BUFFERED / 2) socket.resume();
          if (reply === undefined) throw lost();
          over = reply.kind !== "text";
          if (reply.kind === "error") throw new EngineError(reply.code, reply.message);
          yield reply;
          if (over) return;
        }
      } finally {
        signal.removeEventListener("abort", cancel);
        open.delete(id);
        socket.resume();
        if (!over && !signal.aborted) cancel();
      }
    },
  };
}

function lost(): EngineError {
  return new EngineError("engine-lost", "The process that held the model has ended.");
}

function engineOf(talk: Conversation): Engine {
  return {
    async *generate(
      request: GenerateRequest,
      signal: AbortSignal,
    ): AsyncGenerator<GenerateEvent, void> {
      for await (const reply of talk.ask({ kind: "generate", request }, signal)) {
        if (reply.kind === "text") yield { kind: "text", text: reply.text };
        else if (reply.kind === "done")
          yield { kind: "done", finishReason: reply.finishReason, usage: reply.usage };
      }
    },
    async embed(inputs, signal) {
      for await (const reply of talk.ask({ kind: "embed", inputs }, signal)) {
        if (reply.kind === "vectors")
          return { vectors: reply.vectors, inputTokens: reply.inputTokens };
      }
      throw lost();
    },
  };
}
