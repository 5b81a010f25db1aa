import type { Duplex } from "node:stream";
import type { Clock } from "../life/life.ts";
import {
  type Engine,
  EngineError,
  type EngineErrorCode,
  type GenerateEvent,
} from "../runner/runner.ts";
import { type Inbox, inboxOf } from "./inbox.ts";
import { lineOf, linesOf, type Maker, type Question, type Reply, readReply } from "./wire.ts";

/** A neighbour that says nothing for so long, though it is asked for a sign of life, has gone. */
const SILENT_MS = 900;
/** One that is writing an answer may be busy for longer. */
const BUSY_MS = 10_000;
const LOOK_MS = 300;

export interface Take {
  readonly deployment: string;
  readonly adapter?: string;
  readonly caller: string;
  readonly priority: "high" | "normal" | "low";
  readonly within?: number;
}

/** An instance of a neighbour's. */
export interface Taken {
  readonly kind: "taken";
  readonly engine: Engine;
  readonly maker: Maker;
  give(): void;
}

export interface NotTaken {
  readonly kind: "refused";
  readonly code: string;
  readonly message: string;
}

/** A connection to one neighbour, over which any number of tasks go at the same time. */
export interface Line extends Disposable {
  /** Takes an instance when it is its turn there. Throws when the line is lost, or the signal aborts. */
  take(wanted: Take, signal: AbortSignal): Promise<Taken | NotTaken>;
  lost(): boolean;
}

export function lineOn(socket: Duplex, host: string, clock: Clock): Line {
  const open = new Map<number, Inbox<Reply>>();
  const read = linesOf(readReply);
  let ids = 0;
  let heardAt = clock.now();
  let watching = false;
  const gone = () => new EngineError("engine-lost", `The host ${host}, which answered, is lost.`);
  const say = (question: Question) => {
    if (!socket.destroyed) socket.write(lineOf(question));
  };
  socket.on("data", (chunk: Buffer) => {
    heardAt = clock.now();
    for (const reply of read(chunk)) {
      if (reply === undefined) socket.destroy();
      else open.get(reply.id)?.push(reply, chunk.length);
    }
  });
  socket.once("close", () => {
    for (const inbox of open.values()) inbox.end(gone());
  });

  /** While somebody waits for it, the neighbour gives signs of life. */
  const watch = async () => {
    if (watching) return;
    watching = true;
    while (open.size > 0 && !socket.destroyed) {
      await clock.sleep(LOOK_MS, new AbortController().signal);
      const silent = clock.now() - heardAt;
      if (silent > BUSY_MS) socket.destroy();
      else if (silent >= LOOK_MS) say({ kind: "ping", id: 1 });
    }
    watching = false;
  };
  const begin = () => {
    ids += 1;
    const inbox = inboxOf<Reply>();
    open.set(ids, inbox);
    void watch();
    return { id: ids, inbox };
  };

  async function* ask(
    lease: number,
    method: Extract<Question, { kind: "ask" }>["method"],
    asked: unknown,
    signal: AbortSignal,
  ): AsyncGenerator<Reply, void> {
    if (signal.aborted) throw new EngineError("cancelled", "The request was cancelled.");
    if (socket.destroyed) throw gone();
    const { id, inbox } = begin();
    let over = false;
    const abort = () => inbox.end(new EngineError("cancelled", "The request was cancelled."));
    signal.addEventListener("abort", abort, { once: true });
    try {
      say({ kind: "ask", id, lease, method, asked });
      while (!over) {
        const reply = await inbox.next();
        over = reply.kind !== "event";
        if (reply.kind === "failed") throw new EngineError(codeOf(reply.code), reply.message);
        yield reply;
      }
    } finally {
      signal.removeEventListener("abort", abort);
      open.delete(id);
      if (!over) say({ kind: "cancel", id });
    }
  }

  const engineOf = (lease: number): Engine => {
    const whole = async (method: "embed" | "rerank", asked: unknown, signal: AbortSignal) => {
      for await (const reply of ask(lease, method, asked, signal))
        if (reply.kind === "end") return reply.value;
      throw gone();
    };
    return {
      async *generate(request, signal) {
        for await (const reply of ask(lease, "generate", request, signal))
          if (reply.kind === "event") yield reply.event as GenerateEvent;
      },
      embed: async (inputs, signal) =>
        (await whole("embed", inputs, signal)) as Awaited<ReturnType<Engine["embed"]>>,
      rerank: async (request, signal) =>
        (await whole("rerank", request, signal)) as Awaited<ReturnType<Engine["rerank"]>>,
    };
  };

  return {
    async take(wanted, signal) {
      signal.throwIfAborted();
      if (socket.destroyed) throw gone();
      const { id, inbox } = begin();
      const asking = clock.now();
      let taken = false;
      const abort = () => inbox.end(new EngineError("cancelled", "The request was cancelled."));
      signal.addEventListener("abort", abort, { once: true });
      const answered = new AbortController();
      say({ kind: "ping", id });
      say({ kind: "take", id, ...wanted });
      // A line that was idle for long may lead nowhere: whoever is there says so at once.
      void clock.sleep(SILENT_MS, answered.signal).then(() => {
        if (!answered.signal.aborted && heardAt < asking) socket.destroy();
      });
      try {
        for (;;) {
          const reply = await inbox.next();
          if (reply.kind === "refused") return reply;
          if (reply.kind !== "taken") continue;
          taken = true;
          let given = false;
          const give = () => {
            if (given) return;
            given = true;
            say({ kind: "give", id });
          };
          return { kind: "taken", maker: reply.maker, engine: engineOf(id), give };
        }
      } finally {
        answered.abort();
        signal.removeEventListener("abort", abort);
        open.delete(id);
        if (!taken) say({ kind: "give", id });
      }
    },
    lost: () => socket.destroyed,
    [Symbol.dispose]: () => socket.destroy(),
  };
}

const codes: readonly EngineErrorCode[] = [
  "prompt-too-long",
  "unsupported",
  "cancelled",
  "engine-lost",
  "engine-failed",
];

function codeOf(said: string): EngineErrorCode {
  return codes.find((code) => code === said) ?? "engine-failed";
}
