import type { TLSSocket } from "node:tls";
import { type HostPlan, readerOf } from "@millwright/schema";
import Type from "typebox";
import { messageOf } from "../life/life.ts";
import { lineOf, linesOf, type Question, type Reply, readQuestion } from "../relay/relay.ts";
import {
  type Engine,
  EngineError,
  type GenerateRequest,
  type RerankRequest,
} from "../runner/runner.ts";
import type { Served } from "./desk.ts";
import type { Office } from "./office.ts";

/** Instances that one neighbour may hold or wait for at the same time, and what it may ask at once. */
const MAX_LEASES = 1_024;
const MAX_ASKED = 4_096;
/** Bytes of answers that may wait for a neighbour to read them. */
const MAX_UNREAD = 64 * 1024 ** 2;

const Words = Type.Array(Type.String(), { maxItems: 4_096 });
/** What engines are asked: the shape alone. What a field means, an engine judges in its own process. */
const asked = {
  generate: readerOf(
    Type.Object({
      prompt: Type.Union([
        Type.Object({
          kind: Type.Literal("chat"),
          messages: Type.Array(Type.Object({ role: Type.String(), content: Type.String() })),
        }),
        Type.Object({ kind: Type.Literal("text"), text: Type.String() }),
      ]),
    }),
  ),
  embed: readerOf(Words),
  rerank: readerOf(Type.Object({ query: Type.String(), documents: Words })),
} as const;

export type NeighbourOffice = Pick<Office, "desk" | "plan" | "journal" | "clock" | "closed">;

/**
 * Answers a neighbour for as long as its connection lasts. It has proved who it is; what it may ask the plan of now says,
 * at each task. A task that came from a neighbour is answered here or not at all: it is never passed on again. What it
 * gives hangs up once all that was taken is given back.
 */
export function answerNeighbour(
  office: NeighbourOffice,
  host: string,
  socket: TLSSocket,
): () => void {
  const { desk, plan, journal, clock, closed } = office;
  const leases = new Map<number, Served<Engine> | "waiting">();
  const working = new Map<number, AbortController>();
  const read = linesOf(readQuestion);
  let leaving = false;
  const leaveIfIdle = () => {
    if (leaving && leases.size === 0) socket.end();
  };
  const say = (reply: Reply) => {
    if (!socket.destroyed) socket.write(lineOf(reply));
    // Slow reading: what a neighbour does not take must not fill this host's memory.
    if (socket.writableLength > MAX_UNREAD) socket.destroy();
  };
  const begin = (id: number): AbortSignal => {
    const controller = new AbortController();
    working.set(id, controller);
    return controller.signal;
  };

  const take = async (question: Asked<"take">) => {
    const { id, deployment, adapter, caller, priority, within } = question;
    const refuse = (code: string, message: string) => say({ kind: "refused", id, code, message });
    if (closed()) return refuse("stopping", "This host is stopping.");
    if (leases.has(id) || leases.size >= MAX_LEASES)
      return refuse("crowded", `A host asks for ${MAX_LEASES} instances at most.`);
    // Confused deputy: a host that is a neighbour for one model must not get another through this one.
    if (!mayAsk(plan()?.plan, host, deployment))
      return refuse("not-allowed", `The plan does not let ${host} ask for ${deployment}.`);
    const signal = begin(id);
    leases.set(id, "waiting");
    const until = within === undefined ? {} : { until: clock.now() + within };
    const served = await desk.serve(
      deployment,
      "model",
      { caller: `${host} ${caller}`, priority, signal, ...until },
      async (engine) => engine,
      [{ kind: "deployment", deployment, ...(adapter !== undefined && { adapter }), here: true }],
    );
    working.delete(id);
    if (!served.ok) {
      leases.delete(id);
      return refuse(served.error.code, served.error.message);
    }
    if (signal.aborted) {
      leases.delete(id);
      served[Symbol.dispose]();
      return;
    }
    leases.set(id, served);
    const { plan: own, planned } = served.lease;
    const { model, adapter: over, context } = planned;
    say({
      ...{ kind: "taken", id },
      maker: {
        ...{ model, context, plan: own.digest, revision: own.revision.predicate.number },
        ...(over !== undefined && { adapter: over }),
      },
    });
  };

  const ask = async ({ id, lease, method, asked: question }: Asked<"ask">) => {
    const served = leases.get(lease);
    const fail = (code: string, message: string) => say({ kind: "failed", id, code, message });
    if (served === undefined || served === "waiting")
      return fail("engine-lost", "This instance is not taken.");
    if (working.has(id) || working.size >= MAX_ASKED)
      return fail("engine-failed", "Too much is asked at once.");
    const { value: engine } = served;
    const signal = begin(id);
    try {
      if (!asked[method](question).ok)
        throw new EngineError("unsupported", `This is no question for ${method}.`);
      switch (method) {
        case "generate":
          for await (const event of engine.generate(question as GenerateRequest, signal))
            say({ kind: "event", id, event });
          return say({ kind: "end", id });
        case "embed":
          return say({ kind: "end", id, value: await engine.embed(question as string[], signal) });
        case "rerank":
          return say({
            ...{ kind: "end", id },
            value: await engine.rerank(question as RerankRequest, signal),
          });
      }
    } catch (error) {
      const known = error instanceof EngineError;
      if (!known)
        journal("error", { event: "gateway/internal-error", host, reason: messageOf(error) });
      fail(known ? error.code : "engine-failed", known ? error.message : "This host failed.");
    } finally {
      working.delete(id);
    }
  };

  const give = (id: number) => {
    working.get(id)?.abort();
    const served = leases.get(id);
    if (served === undefined || served === "waiting") return;
    leases.delete(id);
    served[Symbol.dispose]();
    leaveIfIdle();
  };

  socket.on("data", (chunk: Buffer) => {
    for (const question of read(chunk)) {
      if (question === undefined) {
        journal("warn", { event: "relay/bad-line", host });
        socket.destroy();
        return;
      }
      switch (question.kind) {
        case "take":
          take(question).catch((error: unknown) => {
            // Our own error: the neighbour asks somebody else.
            journal("error", { event: "gateway/internal-error", host, reason: messageOf(error) });
            socket.destroy();
          });
          break;
        case "ask":
          void ask(question);
          break;
        case "cancel":
          working.get(question.id)?.abort();
          break;
        case "give":
          give(question.id);
          break;
        case "ping":
          say({ kind: "pong", id: question.id });
      }
    }
  });
  // Nobody waits for these answers any more.
  socket.once("close", () => {
    for (const controller of working.values()) controller.abort();
    for (const id of [...leases.keys()]) give(id);
  });
  return () => {
    leaving = true;
    leaveIfIdle();
  };
}

type Asked<K extends Question["kind"]> = Extract<Question, { readonly kind: K }>;

function mayAsk(plan: HostPlan | undefined, host: string, deployment: string): boolean {
  const neighbour = plan?.neighbours?.find((each) => each.host === host);
  return neighbour?.asks?.includes(deployment) === true;
}
