import { createServer, type Socket } from "node:net";
import { type Engine, EngineError, type GenerateRequest } from "../engine.ts";
import { lineReader, type Reply, type Request, SOCKET } from "../protocol.ts";
import { digestOfSpec } from "../spec.ts";
import type { Contexts } from "./contexts.ts";
import { outboxOf } from "./outbox.ts";

export interface Served {
  readonly contexts: Contexts;
  /** When this process started, in milliseconds since the Unix epoch. */
  readonly since: number;
  /** Of the specification for which the process was started. */
  readonly digest: string;
}

/** Answers on the socket in the current folder. Returns when `signal` aborts. `connected` is told how many agents listen. */
export async function serve(
  served: Served,
  connected: (count: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    connected(sockets.size);
    converse(served, socket);
    socket.once("close", () => {
      sockets.delete(socket);
      connected(sockets.size);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(SOCKET, resolve);
  });
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
}

function converse({ contexts, digest, since }: Served, socket: Socket): void {
  const working = new Map<number, AbortController>();
  const read = lineReader<Request>();
  const say = outboxOf(socket);
  const work = (id: number, task: (over: AbortController) => Promise<void>) => {
    const controller = new AbortController();
    working.set(id, controller);
    task(controller)
      .catch((error: unknown) => say(errorReply(id, error, controller.signal)))
      .finally(() => working.delete(id));
  };
  /** Work for which the context must stay open. */
  const ask = (
    { id, context }: { readonly id: number; readonly context?: string },
    task: (engine: Engine, signal: AbortSignal) => Promise<void>,
  ) =>
    work(id, async (over) => {
      const { engine, leave } = contexts.enter(context, over);
      await task(engine, over.signal).finally(leave);
    });
  const hear = (message: Request): void => {
    const { id } = message;
    switch (message.kind) {
      case "cancel":
        working.get(id)?.abort();
        return;
      case "describe": {
        const open = contexts.specs();
        // An older agent knows of one context alone: without the first it had better begin anew.
        const first = open.some((spec) => digestOfSpec(spec) === digest) ? digest : "";
        const life = { since, answered: contexts.answered() };
        say({ kind: "described", id, digest: first, pid: process.pid, contexts: open, ...life });
        return;
      }
      case "open":
        work(id, async () => {
          await contexts.open(message.spec);
          say({ kind: "opened", id });
        });
        return;
      case "close":
        work(id, async () => {
          await contexts.close(message.context);
          say({ kind: "closed", id });
        });
        return;
      case "generate":
        ask(message, (engine, signal) => answer(engine, id, message.request, say, signal));
        return;
      case "stats":
        ask(message, async (engine, signal) =>
          say({ kind: "stats", id, stats: (await engine.stats?.(signal)) ?? null }),
        );
        return;
      case "rerank":
        ask(message, async (engine, signal) =>
          say({ kind: "scores", id, ...(await engine.rerank(message, signal)) }),
        );
        return;
      case "embed":
        ask(message, async (engine, signal) =>
          say({ kind: "vectors", id, ...(await engine.embed(message.inputs, signal)) }),
        );
    }
  };
  socket.on("data", (chunk: Buffer) => {
    for (const message of read(chunk)) {
      if (message === undefined) socket.destroy();
      else hear(message);
    }
  });
  // Whoever asked has gone: nobody waits for these answers.
  socket.once("close", () => {
    for (const controller of working.values()) controller.abort();
  });
  socket.on("error", () => socket.destroy());
}

async function answer(
  engine: Engine,
  id: number,
  request: GenerateRequest,
  say: (reply: Reply) => void,
  signal: AbortSignal,
): Promise<void> {
  for await (const event of engine.generate(request, signal)) say({ ...event, id });
}

function errorReply(id: number, error: unknown, signal: AbortSignal): Reply {
  if (signal.aborted)
    return { kind: "error", id, code: "cancelled", message: "The request was cancelled." };
  if (error instanceof EngineError)
    return { kind: "error", id, code: error.code, message: error.message };
  return {
    kind: "error",
    id,
    code: "engine-failed",
    message: error instanceof Error ? error.message : String(error),
  };
}
