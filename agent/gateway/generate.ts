import type { FastifyReply, FastifyRequest } from "fastify";
import { messageOf } from "../life/life.ts";
import type { Lease } from "../reconcile/reconcile.ts";
import { EngineError } from "../runner/runner.ts";
import { errorOfEngine, ourFault, tooLate } from "./api-error.ts";
import { limitOf, makerOf, patienceOf, refuse, refuseIfThere, signed, waitingOf } from "./call.ts";
import { EventStream } from "./event-stream.ts";
import type { Form, Head, Wording } from "./form.ts";
import { guestOf } from "./guest.ts";
import type { Office } from "./office.ts";
import { type Asking, routed } from "./routed.ts";
import type { Task } from "./task.ts";
import { timesOf } from "./timings.ts";
import { type Trace, withTried } from "./trace.ts";
import { type Piece, piecesOf, Transcript } from "./transcript.ts";
import { whole } from "./whole.ts";
import type { Writing } from "./writing.ts";

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
  const patience = patienceOf(reply, office.deadline, limitOf(office, request));
  const at = office.clock.now();
  const asking = askingOf(task, form.operation);
  const found = await routed(office, request, asking, guest, waitingOf(guest, patience));
  if (!found.ok) return refuseIfThere(reply, patience, found.error);
  const writing: Writing = {
    ...{ office, reply, task, form, guest, patience, id, at },
    ...{ routed: found.value, begunAt: at },
  };
  // What may be asked of another model is not given away before it is whole.
  if (!task.stream) return await writeWhole(writing);
  return found.value.escalate === undefined
    ? await writeStream(writing)
    : await writeHeldBack(writing);
}

function askingOf({ name, input, requests, stream }: Task, operation: string): Asking {
  const texts = input.map(({ parts }) =>
    parts.flatMap((part) => ("content" in part ? [String(part.content)] : [])).join(""),
  );
  const schema = requests.some((request) => request.schema !== undefined);
  return { name, operation, texts, schema, stream };
}

/** The caller sees nothing before all is there, so an engine that is lost half way can still be replaced by another. */
async function writeWhole(writing: Writing): Promise<FastifyReply> {
  const { reply, form, guest, patience } = writing;
  const answer = await whole(writing, waitingOf(guest, patience));
  if (!answer.ok) return refuseIfThere(reply, patience, answer.error);
  const { lease, transcript, trace } = answer;
  note(writing, lease, transcript, trace);
  signed(reply, lease, guest, trace);
  reply.send({
    ...form.whole(headOf(writing, lease), transcript),
    x_millwright: makerOf(lease, trace),
  });
  cast(writing, lease, transcript);
  return reply;
}

/** Nothing is sent before the first piece is there: until then an error still has its status, and an engine its successor. */
async function writeStream(writing: Writing): Promise<FastifyReply> {
  const { office, reply, task, guest, patience, routed } = writing;
  const asked = await office.desk.serve(
    task.name,
    task.param,
    waitingOf(guest, patience),
    async (engine) => {
      writing.begunAt = office.clock.now();
      const pieces = piecesOf(engine, task, writing.id, office.chance, patience.signal);
      const first = await pieces.next();
      return { first, pieces };
    },
    routed.candidates,
  );
  if (!asked.ok) return refuseIfThere(reply, patience, asked.error);
  using served = asked;
  const { lease, value, tried } = served;
  return await writePieces(writing, lease, resumed(value), withTried(routed.trace, tried));
}

async function writeHeldBack(writing: Writing): Promise<FastifyReply> {
  const { reply, guest, patience } = writing;
  const answer = await whole(writing, waitingOf(guest, patience));
  if (!answer.ok) return refuseIfThere(reply, patience, answer.error);
  const { lease, pieces, trace } = answer;
  return await writePieces(writing, lease, pieces, trace);
}

async function writePieces(
  writing: Writing,
  lease: Lease,
  pieces: AsyncIterable<Piece> | Iterable<Piece>,
  trace: Trace,
): Promise<FastifyReply> {
  const { office, reply, task, form, guest, patience } = writing;
  signed(reply, lease, guest, trace);
  reply.header("content-type", "text/event-stream; charset=utf-8");
  reply.header("cache-control", "no-cache");
  // nginx would hold the pieces back until it has a buffer full.
  reply.header("x-accel-buffering", "no");
  const stream = new EventStream(office.clock, form.named);
  reply.send(stream.readable);
  const wording = form.stream(headOf(writing, lease), makerOf(lease, trace), task.includeUsage);
  try {
    await pump(writing, lease, pieces, stream, wording, trace);
  } catch (error) {
    // Lost half way, it is no better than one that was lost before the first word.
    if (error instanceof EngineError && error.code !== "cancelled")
      office.breakers.note(lease.deployment, "failed", office.clock.now());
    if (!patience.gone()) await sayCutShort(writing, stream, wording, error);
  } finally {
    stream.end();
  }
  return reply;
}

async function pump(
  writing: Writing,
  lease: Lease,
  pieces: AsyncIterable<Piece> | Iterable<Piece>,
  stream: EventStream,
  wording: Wording,
  trace: Trace,
): Promise<void> {
  const { office, patience } = writing;
  const transcript = new Transcript();
  const send = async (events: readonly (object | "[DONE]")[]): Promise<boolean> => {
    for (const event of events) if (!(await stream.send(event, patience.signal))) return false;
    return true;
  };
  await send(wording.opening());
  for await (const piece of pieces) {
    transcript.take(piece, office.clock.now());
    // Leaving the loop ends the engine's work.
    if (!(await send(wording.piece(piece)))) return;
  }
  // Before the caller knows that it is over: what it then says of the answer must find it remembered.
  note(writing, lease, transcript, trace);
  await send(wording.closing(transcript));
  cast(writing, lease, transcript);
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

/** The status has gone out long ago, so the error is an event of the stream, and the last one. */
async function sayCutShort(
  { office, task, id, patience }: Writing,
  stream: EventStream,
  wording: Wording,
  error: unknown,
): Promise<void> {
  office.counter.cutShort();
  const known = error instanceof EngineError;
  const reason = messageOf(error);
  office.journal(known ? "warn" : "error", { event: "gateway/stream-cut-short", id, reason });
  const cause = known ? errorOfEngine(error, task.param) : ourFault;
  const said = patience.late() ? tooLate : cause;
  // Even past the deadline the last word goes out: writing it does not wait for the engine.
  const { signal } = new AbortController();
  for (const event of wording.failed(said)) await stream.send(event, signal);
}

/** The caller has all of it: now others may be asked the same. */
function cast(writing: Writing, { deployment }: Lease, transcript: Transcript): void {
  const { office, begunAt } = writing;
  office.shadows.cast(writing, deployment, transcript, office.clock.now() - begunAt);
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
  trace: Trace,
): void {
  const { firstAt, usage } = transcript;
  const now = office.clock.now();
  const { operation } = form;
  office.timings.take(
    { operation, model: task.name, deployment },
    timesOf({ at, begunAt, firstAt, now, tokens: usage.outputTokens }),
  );
  guest.spend(deployment, usage.inputTokens, usage.outputTokens);
  office.routeCounts.answered(trace, deployment);
  office.recorder.interaction({
    ...{ id, at },
    origin: { task: task.name, deployment, planned, factory, plan },
    ...(task.episodeId === undefined ? {} : { episodeId: task.episodeId }),
    body: {
      input: [...task.input],
      output: transcript.output,
      finishReason: transcript.choices.at(-1)?.finishReason ?? "stop",
      usage: { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens },
      durationMs: Math.max(0, now - at),
      ...(firstAt === undefined ? {} : { ttftMs: Math.max(0, firstAt - at) }),
    },
  });
}
