import type { FastifyReply, FastifyRequest } from "fastify";
import { messageOf } from "../life/life.ts";
import type { Lease } from "../reconcile/reconcile.ts";
import { EngineError } from "../runner/runner.ts";
import { bodyOf, errorOfEngine, ourFault } from "./api-error.ts";
import { makerOf, type Patience, patienceOf, refuseIfThere, signed } from "./call.ts";
import { EventStream } from "./event-stream.ts";
import { type Form, type Head, usageOf } from "./form.ts";
import type { Office } from "./office.ts";
import type { Task } from "./task.ts";
import { type Piece, piecesOf, Transcript } from "./transcript.ts";

/** Writes what a task asks for and answers with it, whole or as a stream. */
export async function generate(
  office: Office,
  request: FastifyRequest,
  reply: FastifyReply,
  task: Task,
  form: Form,
): Promise<FastifyReply> {
  const patience = patienceOf(reply, office.deadline);
  const at = office.clock.now();
  // Nothing is sent before the first piece is there, so that a lost engine can still be replaced by another.
  const asked = await office.desk.serve(task.name, task.param, async (engine) => {
    const pieces = piecesOf(engine, task, patience.signal);
    const first = await pieces.next();
    return { first, pieces };
  });
  if (!asked.ok) return refuseIfThere(reply, patience, asked.error);
  using served = asked;
  const { lease } = served;
  signed(reply, lease);
  const writing: Writing = {
    ...{ office, reply, task, form, lease, patience },
    transcript: new Transcript(),
    pieces: resumed(served.value),
    head: {
      id: `${form.prefix}${request.id}`,
      created: Math.floor(at / 1000),
      model: task.name,
      system_fingerprint: `fp_${lease.plan.digest.slice(7, 19)}`,
    },
  };
  const finished = task.stream ? await writeStream(writing) : await writeWhole(writing);
  if (finished) note(writing, request.id, at);
  return reply;
}

interface Writing {
  readonly office: Office;
  readonly reply: FastifyReply;
  readonly task: Task;
  readonly form: Form;
  readonly lease: Lease;
  readonly patience: Patience;
  readonly transcript: Transcript;
  readonly pieces: AsyncGenerator<Piece, undefined>;
  readonly head: Head;
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

/** `false` when the answer did not come to its end. */
async function writeWhole(writing: Writing): Promise<boolean> {
  const { office, reply, task, form, lease, patience, transcript, pieces, head } = writing;
  try {
    for await (const piece of pieces) transcript.take(piece, office.clock.now());
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    refuseIfThere(reply, patience, errorOfEngine(error, task.param));
    return false;
  }
  reply.send({
    ...form.whole(head, transcript.choices),
    usage: usageOf(transcript.usage),
    x_millwright: makerOf(lease),
  });
  return true;
}

/** `false` when the answer did not come to its end; then the last event is an error, and no `[DONE]` follows. */
async function writeStream(writing: Writing): Promise<boolean> {
  const { office, reply, form, task, lease, transcript, pieces, head, patience } = writing;
  const stream = new EventStream(office.clock);
  reply.header("content-type", "text/event-stream; charset=utf-8");
  reply.header("cache-control", "no-cache");
  // nginx would hold the pieces back until it has a buffer full.
  reply.header("x-accel-buffering", "no");
  reply.send(stream.readable);
  // With usage asked for, every event but the last says that it has none yet.
  const shared = task.includeUsage ? { usage: null } : {};
  const send = (event: object) => stream.send({ ...event, ...shared }, patience.signal);
  try {
    let maker: object = { x_millwright: makerOf(lease) };
    const opening = form.opening(head);
    if (opening !== undefined) {
      await send({ ...opening, ...maker });
      maker = {};
    }
    for await (const piece of pieces) {
      transcript.take(piece, office.clock.now());
      const event =
        piece.kind === "text"
          ? form.text(head, piece.index, piece.text)
          : form.closing(head, piece.index, piece.finishReason);
      // Leaving the loop ends the engine's work.
      if (!(await send({ ...event, ...maker }))) return false;
      maker = {};
    }
    if (task.includeUsage) {
      await stream.send({ ...form.last(head), usage: usageOf(transcript.usage) }, patience.signal);
    }
    await stream.send("[DONE]", patience.signal);
    return true;
  } catch (error) {
    if (!patience.gone()) await sayCutShort(writing, stream, error);
    return false;
  } finally {
    stream.end();
  }
}

/** The status has gone out long ago, so the error is an event of the stream. */
async function sayCutShort(
  { office, task, head }: Writing,
  stream: EventStream,
  error: unknown,
): Promise<void> {
  office.counter.cutShort();
  const known = error instanceof EngineError;
  office.journal(known ? "warn" : "error", {
    event: "gateway/stream-cut-short",
    id: head.id,
    reason: messageOf(error),
  });
  const said = known ? errorOfEngine(error, task.param) : ourFault;
  // Even past the deadline the last word goes out: writing it does not wait for the engine.
  await stream.send(bodyOf(said), new AbortController().signal);
}

function note({ office, task, lease, transcript }: Writing, id: string, at: number): void {
  const { inputTokens, outputTokens } = transcript.usage;
  office.counter.tokens(inputTokens, outputTokens);
  const { deployment, planned, factory, plan } = lease;
  const { firstAt } = transcript;
  office.recorder.interaction({
    ...{ id, at },
    origin: { task: task.name, deployment, planned, factory, plan },
    ...(task.episodeId === undefined ? {} : { episodeId: task.episodeId }),
    body: {
      input: [...task.input],
      output: transcript.output,
      finishReason: transcript.choices.at(-1)?.finishReason ?? "stop",
      usage: transcript.usage,
      durationMs: Math.max(0, office.clock.now() - at),
      ...(firstAt === undefined ? {} : { ttftMs: Math.max(0, firstAt - at) }),
    },
  });
}
