import type { Socket } from "node:net";
import { EngineError } from "./engine.ts";
import { joinedText } from "./joined-text.ts";
import { lineOf, lineReader, MAX_LINE, type Reply, type Request } from "./protocol.ts";

/** Without the id, which the conversation gives. */
export type Question = Request extends infer R
  ? R extends Request
    ? Omit<R, "id">
    : never
  : never;

/** The agent's end of a runner's socket: many questions at the same time. */
export interface Conversation {
  /**
   * Asks, and gives the replies until the last one. Throws EngineError.
   * A question whose signal aborts, or whose replies nobody reads any more, is cancelled.
   */
  ask(question: Question, signal: AbortSignal): AsyncGenerator<Reply, void>;
  readonly closed: Promise<void>;
}

/**
 * Characters of an answer that wait for its reader. Far above what a context can hold, so that only a broken model
 * gets there. The socket is never paused: one slow reader would stop all others.
 */
const MAX_UNREAD = 16 * 1024 ** 2;
/** What a piece weighs without its text. */
const PIECE = 64;

export function conversationOn(socket: Socket): Conversation {
  const open = new Map<number, Inbox>();
  const read = lineReader<Reply>();
  let ids = 0;
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      for (const inbox of open.values()) inbox.end(engineLost());
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
      ids += 1;
      const id = ids;
      if (signal.aborted) throw cancelled();
      if (socket.destroyed) throw engineLost();
      const line = lineOf({ ...question, id } as Request);
      const length = Buffer.byteLength(line);
      if (length > MAX_LINE) throw tooLong(length);
      const inbox = inboxOf();
      open.set(id, inbox);
      signal.addEventListener("abort", inbox.wake, { once: true });
      let over = false;
      try {
        socket.write(line);
        while (!over) {
          const reply = inbox.take();
          if (signal.aborted) throw cancelled();
          if (reply === undefined) await inbox.next();
          else if (reply instanceof EngineError) throw reply;
          else {
            over = reply.kind !== "text" && reply.kind !== "tool-call";
            if (reply.kind === "error") throw new EngineError(reply.code, reply.message);
            yield reply;
          }
        }
      } finally {
        signal.removeEventListener("abort", inbox.wake);
        open.delete(id);
        if (!over && !socket.destroyed) socket.write(lineOf({ kind: "cancel", id }));
      }
    },
  };
}

/** The replies to one question that nobody has read yet. */
interface Inbox {
  push(reply: Reply): void;
  /** Nothing will come any more. */
  end(why: EngineError): void;
  /** `undefined`: nothing yet. */
  take(): Reply | EngineError | undefined;
  /** Resolves when it is worth looking again. */
  next(): Promise<void>;
  readonly wake: () => void;
}

function inboxOf(): Inbox {
  const replies: Reply[] = [];
  let unread = 0;
  let ended: EngineError | undefined;
  let ring = () => {};
  const wake = () => ring();
  return {
    wake,
    push(reply) {
      const last = replies.at(-1);
      unread += sizeOf(reply);
      if (unread > MAX_UNREAD) ended ??= unreadable();
      // What comes while nobody reads becomes one piece.
      else if (reply.kind === "text" && last?.kind === "text")
        replies[replies.length - 1] = joinedText(last, reply);
      else replies.push(reply);
      wake();
    },
    end(why) {
      ended ??= why;
      wake();
    },
    take() {
      const reply = replies.shift();
      if (reply !== undefined) unread -= sizeOf(reply);
      return reply ?? ended;
    },
    next: () =>
      new Promise((resolve) => {
        ring = resolve;
      }),
  };
}

function sizeOf(reply: Reply): number {
  if (reply.kind === "text") {
    const told = (reply.logprobs ?? []).reduce((sum, { top }) => sum + PIECE * (top.length + 1), 0);
    return reply.text.length + told;
  }
  return reply.kind === "tool-call" ? reply.arguments.length + PIECE : 0;
}

export function engineLost(): EngineError {
  return new EngineError("engine-lost", "The process that held the model has ended.");
}

function cancelled(): EngineError {
  return new EngineError("cancelled", "The request was cancelled.");
}

function unreadable(): EngineError {
  return new EngineError(
    "engine-failed",
    `More than ${MAX_UNREAD} characters of the answer waited for their reader.`,
  );
}

function tooLong(length: number): EngineError {
  return new EngineError(
    "prompt-too-long",
    `The request has ${length} bytes; an engine takes ${MAX_LINE} at most.`,
  );
}
