import { createServer, type Socket } from "node:net";
import { type Engine, EngineError, type GenerateRequest } from "../engine.ts";
import { lineOf, lineReader, type Reply, type Request, SOCKET } from "../protocol.ts";

export interface Served {
  readonly engine: Engine;
  /** Of the specification. */
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

function converse(served: Served, socket: Socket): void {
  const working = new Map<number, AbortController>();
  const read = lineReader<Request>();
  const say = (reply: Reply) => {
    if (!socket.destroyed) socket.write(lineOf(reply));
  };
  const work = (id: number, task: (signal: AbortSignal) => Promise<void>) => {
    const controller = new AbortController();
    working.set(id, controller);
    task(controller.signal)
      .catch((error: unknown) => say(errorReply(id, error, controller.signal)))
      .finally(() => working.delete(id));
  };
  socket.on("data", (chunk: Buffer) => {
    for (const message of read(chunk)) {
      if (message === undefined) socket.destroy();
      else if (message.kind === "cancel") working.get(message.id)?.abort();
      else if (message.kind === "describe")
        say({ kind: "described", id: message.id, digest: served.digest, pid: process.pid });
      else if (message.kind === "generate")
        work(message.id, (signal) =>
          answer(served.engine, message.id, message.request, say, signal),
        );
      else if (message.kind === "rerank")
        work(message.id, async (signal) =>
          say({
            kind: "scores",
            id: message.id,
            ...(await served.engine.rerank(message, signal)),
          }),
        );
      else
        work(message.id, async (signal) =>
          say({
            kind: "vectors",
            id: message.id,
            ...(await served.engine.embed(message.inputs, signal)),
          }),
        );
    }
  });
  // Whoever asked has gone: nobody waits for these answers.
  socket.once("close", () => {
    for (const controller of working.values()) controller.abort();
  });
  socket.on("error", () => socket.destroy());
}

/** Pieces that come in one turn of the event loop go out as one message: the token loop never waits for the socket. */
async function answer(
  engine: Engine,
  id: number,
  request: GenerateRequest,
  say: (reply: Reply) => void,
  signal: AbortSignal,
): Promise<void> {
  let text = "";
  const flush = () => {
    if (text !== "") say({ kind: "text", id, text });
    text = "";
  };
  for await (const event of engine.generate(request, signal)) {
    if (event.kind === "text") {
      if (text === "") setImmediate(flush);
      text += event.text;
    } else {
      flush();
      say({ ...event, id });
    }
  }
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
