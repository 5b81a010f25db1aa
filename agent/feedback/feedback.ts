/**
 * Feedback: what was seen of the work and said about it, from the gateway to the hub. Receipts travel the same way.
 *
 * In: interactions and opinions from the gateway (as its `Recorder`), receipts. Out: signed segments of samples and
 * signed receipts, uploaded until a hub acknowledges them.
 * Promise: nothing touches the disk before it is redacted as the factory says; an opinion is durable before its author
 * hears so; what the hub has not acknowledged stays, bounded in bytes and age, and what had to go is counted in a
 * condition; what the hub refuses is set aside and named, never sent for ever.
 */
import type { Identity, StateFolder } from "../disk/disk.ts";
import type { Recorder } from "../gateway/gateway.ts";
import type { Chance, Clock, Conditions, Journal, Service } from "../life/life.ts";
import { capture } from "./capture.ts";
import { type Outbox, openOutbox } from "./outbox.ts";
import { reopening } from "./reopening.ts";
import { segmentsOf } from "./segments.ts";
import { Spool, type SpoolLimits } from "./spool/spool.ts";
import { upload } from "./upload.ts";

export type { Outbox } from "./outbox.ts";

export interface FeedbackRequest {
  readonly identity: Identity;
  readonly state: Pick<StateFolder, "spool" | "outbox">;
  /** The engine and its version, as samples name it: `node-llama-cpp 3.22.1`. */
  readonly runtime: string;
  /** Hubs of the plan, in order of preference. */
  readonly hubs: () => readonly string[];
  /** A fresh token for one request to that hub. */
  readonly token: (audience: string) => Promise<string>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly journal: Journal;
  readonly conditions: Conditions;
  readonly limits?: SpoolLimits;
}

/** Open for as long as the gateway may hand something over: dispose of it after the gateway has stopped. */
export interface Feedback extends AsyncDisposable {
  readonly recorder: Recorder;
  readonly outbox: Pick<Outbox, "put">;
  /** Brings to the hub what waits. */
  readonly upload: Service;
}

/** When the disk does not let it open, nothing is kept until it does: models are served all the same. */
export async function openFeedback(request: FeedbackRequest): Promise<Feedback> {
  return await reopening(() => open(request), request);
}

async function open(request: FeedbackRequest): Promise<Feedback> {
  const { identity, state, clock, chance } = request;
  const spool = await Spool.open({ ...request, folder: state.spool });
  const outbox = await openOutbox(state.outbox, { identity, clock, chance });
  return {
    recorder: capture({
      ...{ host: identity.host, runtime: request.runtime, clock, chance },
      append: (draft) => spool.append(draft),
    }),
    outbox,
    // Receipts first: few, small, and somebody waits for them.
    upload: upload({ ...request, sources: [outbox, segmentsOf(spool, identity)] }),
    [Symbol.asyncDispose]: () => spool.close(),
  };
}
