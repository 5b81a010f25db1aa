import type { FastifyReply, FastifyRequest } from "fastify";
import { messageOf } from "../life/life.ts";
import type { Lease } from "../reconcile/reconcile.ts";
import { EngineError } from "../runner/runner.ts";
import { bodyOf, errorOfEngine, ourFault } from "./api-error.ts";
import { makerOf, type Patience, patienceOf, refuse, refuseIfThere, signed } from "./call.ts";
import { EventStream } from "./event-stream.ts";
import { type Form, type Head, usageOf } from "./form.ts";
import { type Guest, guestOf } from "./guest.ts";
import type { Office } from "./office.ts";
import type { Task } from "./task.ts";
import { timesOf } from "./timings.ts";
import { type Piece, piecesOf, Transcript } from "./transcript.ts";
import type { Waiting } from "./turns.ts";

/** One task on its way to an answer. */
interface Writing {
  readonly office: Office;
  readonly reply: FastifyReply;
  readonly task: Task;
  readonly form: Form;
  readonly guest: Guest;
  readonly patience: Patience;
  /** UUIDv7, of the request and of the interaction. */
  readonly id: string;
  /** When it arrived. */
  readonly at: number;
  /** When it was its turn. */
  begunAt: number;
}

/** Writes what a task asks for and answers with it, whole or as a stream. */
export async function generate(
  office: Office,
  request: FastifyRequest,
  reply: FastifyReply,
  task: Task,
  form: Form,
): Promise<FastifyReply> {
  const admitted = guestOf(office, request, task.name);
  if (!admitted.ok) return refuse(reply, admitted.error);
  const { id } = request;
  const guest = admitted.value;
  const patience = patienceOf(reply, office.deadline);
  const at = office.clock.now();
  const writing = { office, reply, task, form, guest, patience, id, at, begunAt: at };
  return task.stream ? await writeStream(writing) : await writeWhole(writing);
}

/** The caller sees nothing before all is there, so an engine that is lost half way can still be replaced by another. */
async function writeWhole(writing: Writing): Promise<FastifyReply> {
  const { office, reply, task, form, guest, patience } = writing;
  const asked = await office.desk.serve(task.name, task.param, waiting(writing), async (engine) => {
    writing.begunAt = office.clock.now();
    const transcript = new Transcript();
    for await (const piece of piecesOf(engine, task, patience.signal)) {
      transcript.take(piece, office.clock.now());
    }
    return transcript;
  });
  if (!asked.ok) return refuseIfThere(reply, patience, asked.error);
  using served = asked;
  const { lease, value: transcript } = served;
  note(writing, lease, transcript);
  signed(reply, lease, guest);
  return reply.send({
    ...form.whole(headOf(writing, lease), transcript.choices),
    usage: usageOf(transcript.usage),
    x_millwright: makerOf(lease),
  });
}

/** Nothing is sent before the first piece is there: until then an error still has its status, and an engine its successor. */
async function writeStream(writing: Writing): Promise<FastifyReply> {
  const { office, reply, task, guest, patience } = writing;
  const asked = await office.desk.serve(task.name, task.param, waiting(writing), async (engine) => {
    writing.begunAt = office.clock.now();
    const pieces = piecesOf(engine, task, patience.signal);
    const first = await pieces.next();
    return { first, pieces };
  });
  if (!asked.ok) return refuseIfThere(reply, patience, asked.error);
  using served = asked;
  const { lease, value } = served;
  signed(reply, lease, guest);
  reply.header("content-type", "text/event-stream; charset=utf-8");
  reply.header("cache-control", "no-cache");
  // nginx would hold the pieces back until it has a buffer full.
  reply.header("x-accel-buffering", "no");
  const stream = new EventStream(office.clock);
  reply.send(stream.readable);
  try {
    await pump(writing, lease, resumed(value), stream);
  } catch (error) {
    if (!patience.gone()) await sayCutShort(writing, stream, error);
  } finally {
    stream.end();
  }
  return reply;
}

function waiting({ guest, patience }: Writing): Waiting {
  const { caller, priority } = guest;
  return { caller, priority, signal: patience.signal };
}

async function pump(
  writing: Writing,
  lease: Lease,
  pieces: AsyncGenerator<Piece, undefined>,
  stream: EventStream,
): Promise<void> {
  const { office, task, form, patience } = writing;
  const head = headOf(writing, lease);
  const transcript = new Transcript();
  // With usage asked for, every event but the last says that it has none yet.
  const shared = task.includeUsage ? { usage: null } : {};
  let maker: object = { x_millwright: makerOf(lease) };
  const send = (event: object) => {
    const whole = { ...event, ...maker, ...shared };
    maker = {};
    return stream.send(whole, patience.signal);
  };
  const opening = form.opening(head);
  if (opening !== undefined) await send(opening);
  for await (const piece of pieces) {
    transcript.take(piece, office.clock.now());
    const event =
      piece.kind === "text"
        ? form.text(head, piece.index, piece.text)
        : form.closing(head, piece.index, piece.finishReason);
    // Leaving the loop ends the engine's work.
    if (!(await send(event))) return;
  }
  // Before the caller knows that it is over: what it then says of the answer must find it remembered.
  note(writing, lease, transcript);
  if (task.includeUsage) {
    const last = { ...form.last(head), usage: usageOf(transcript.usage) };
    await stream.send(last, patience.signal);
  }
  await stream.send("[DONE]", patience.signal);
}

async function* resumed({
  first,
  pieces,
}: {
  readonly first: IteratorResult<Piece, undefined>;
  readonly pieces: AsyncGenerator<Piece, undefined>;
}): AsyncGenerator<Piece, undefined> {
  if (first.done !== true) yield first.value;
  return yield* pieces;
}

/** The status has gone out long ago, so the error is an event of the stream, and no `[DONE]` follows. */
async function sayCutShort(
  { office, task, id }: Writing,
  stream: EventStream,
  error: unknown,
): Promise<void> {
  office.counter.cutShort();
  const known = error instanceof EngineError;
  const reason = messageOf(error);
  office.journal(known ? "warn" : "error", { event: "gateway/stream-cut-short", id, reason });
  const said = known ? errorOfEngine(error, task.param) : ourFault;
  // Even past the deadline the last word goes out: writing it does not wait for the engine.
  await stream.send(bodyOf(said), new AbortController().signal);
}

function headOf({ form, task, id, at }: Writing, { plan }: Lease): Head {
  return {
    id: `${form.prefix}${id}`,
    created: Math.floor(at / 1000),
    model: task.name,
    system_fingerprint: `fp_${plan.digest.slice(7, 19)}`,
  };
}

function note(
  { office, task, form, guest, id, at, begunAt }: Writing,
  { deployment, planned, factory, plan }: Lease,
  transcript: Transcript,
): void {
  const { firstAt, usage } = transcript;
  const now = office.clock.now();
  const { operation } = form;
  office.timings.take(
    { operation, model: task.name, deployment },
    timesOf({ at, begunAt, firstAt, now, tokens: usage.outputTokens }),
  );
  guest.spend(deployment, usage.inputTokens, usage.outputTokens);
  office.recorder.interaction({
    ...{ id, at },
    origin: { task: task.name, deployment, planned, factory, plan },
    ...(task.episodeId === undefined ? {} : { episodeId: task.episodeId }),
    body: {
      input: [...task.input],
      output: transcript.output,
      finishReason: transcript.choices.at(-1)?.finishReason ?? "stop",
      usage,
      durationMs: Math.max(0, now - at),
      ...(firstAt === undefined ? {} : { ttftMs: Math.max(0, firstAt - at) }),
    },
  });
}
