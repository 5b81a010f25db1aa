import type { Lease } from "../reconcile/reconcile.ts";
import type { Candidate } from "../routing/routing.ts";
import type { ApiError } from "./api-error.ts";
import { type Trace, withTried } from "./trace.ts";
import { type Piece, piecesOf, Transcript } from "./transcript.ts";
import type { Waiting } from "./turns.ts";
import type { Writing } from "./writing.ts";

/** An answer of which all is there. The instance that gave it is held no more. */
export interface Whole {
  readonly ok: true;
  readonly lease: Lease;
  readonly transcript: Transcript;
  /** The same, as it came. */
  readonly pieces: readonly Piece[];
  readonly trace: Trace;
}

export type Wholly = Whole | { readonly ok: false; readonly error: ApiError };

/**
 * Writes all of an answer; and where the route wants that, and the model was less sure of it than it says, asks a larger
 * one. Its answer is given, sure or not: nobody is asked a third time. When it cannot answer, the first answer is given.
 */
export async function whole(writing: Writing, who: Waiting): Promise<Wholly> {
  const { routed, guest } = writing;
  const first = await answered(writing, who, routed.candidates, routed.trace);
  const { escalate } = routed;
  if (!first.ok || escalate === undefined) return first;
  const { confidence, usage } = first.transcript;
  const from = first.lease.deployment;
  // An engine that does not say how sure it is, is not doubted.
  if (confidence === undefined || confidence >= escalate.below || from === escalate.to)
    return first;
  const larger = [{ kind: "deployment", deployment: escalate.to }] as const;
  const second = await answered(writing, who, larger, first.trace);
  const trace = { ...first.trace, escalated: { from, confidence, answered: second.ok } };
  if (!second.ok) return { ...first, trace };
  guest.spend(from, usage.inputTokens, usage.outputTokens);
  return { ...second, trace };
}

async function answered(
  writing: Writing,
  who: Waiting,
  candidates: readonly Candidate[],
  trace: Trace,
): Promise<Wholly> {
  const { office, task, patience, routed } = writing;
  const requests =
    routed.escalate === undefined
      ? task.requests
      : task.requests.map((request) => ({ ...request, confidence: true as const }));
  const asked = await office.desk.serve(
    task.name,
    task.param,
    who,
    async (engine) => {
      writing.begunAt = office.clock.now();
      const transcript = new Transcript();
      const pieces: Piece[] = [];
      for await (const piece of piecesOf(
        engine,
        { ...task, requests },
        writing.id,
        office.chance,
        patience.signal,
      )) {
        transcript.take(piece, office.clock.now());
        pieces.push(piece);
      }
      return { transcript, pieces };
    },
    candidates,
  );
  if (!asked.ok) return asked;
  using served = asked;
  const { lease, value, tried } = served;
  return { ok: true, lease, ...value, trace: withTried(trace, tried) };
}
