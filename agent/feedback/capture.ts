import type { HostName } from "@millwright/schema";
import type { Interaction, Opinion, OpinionTaken, Origin, Recorder } from "../gateway/gateway.ts";
import { type Chance, type Clock, Failure, uuid7 } from "../life/life.ts";
import { type Edits, editsBetween } from "../routing/routing.ts";
import { ENGINE, Redactor } from "./redact/redact.ts";
import { redactedInteraction, redactedLabel, redactedSaid, wordsOf } from "./redacted-body.ts";
import { Remembered } from "./remembered.ts";
import type { Draft } from "./spool/spool.ts";

export interface CaptureRequest {
  readonly host: HostName;
  /** The engine and its version, as samples name it. */
  readonly runtime: string;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Returns once the sample is durable; throws a `Failure` when it was not kept, having told the conditions. */
  readonly append: (draft: Draft) => Promise<void>;
}

/** Turns what the gateway sees into samples: drawn by chance, or because somebody says something of them. */
export function capture(request: CaptureRequest): Recorder {
  const { host, runtime, clock, chance, append } = request;
  const remembered = new Remembered();

  /** What every sample of this origin carries. `undefined` when its factory keeps nothing. */
  const envelopeOf = (
    { task, deployment, planned, factory, plan }: Origin,
    at: number,
    interactionId: string,
  ) => {
    const { feedback, governance } = factory;
    if (feedback === undefined) return undefined;
    const { model, adapter } = planned;
    return {
      schema: "fb/1" as const,
      id: uuid7(clock.now(), chance),
      ...{ host, capturedAt: at, interactionId, task },
      plan: {
        digest: plan.digest,
        revision: plan.revision.predicate.number,
        factory: planned.factory,
        deployment,
      },
      model: {
        name: model.name,
        baseDigest: model.digest,
        ...(adapter === undefined ? {} : { adapterDigest: adapter.digest }),
        runtime,
      },
      governance: { ...governance, expiresAt: at + feedback.keepMs },
    };
  };
  const redactionOf = ({ profile, counts }: Redactor) => ({ profile, engine: ENGINE, counts });

  const draftOf = (seen: Interaction, sampling: Draft["sampling"]): Draft | undefined => {
    const { id, at, origin, episodeId, body } = seen;
    const envelope = envelopeOf(origin, at, id);
    if (envelope === undefined) return undefined;
    const redactor = new Redactor(origin.factory.feedback?.redact ?? "personal");
    const redacted = redactedInteraction(body, redactor);
    return {
      ...envelope,
      ...(episodeId === undefined ? {} : { episodeId: redactedLabel(episodeId, redactor) }),
      kind: "interaction",
      body: redacted,
      sampling,
      author: { role: "code" },
      redaction: redactionOf(redactor),
    };
  };

  const interaction = (seen: Interaction): void => {
    const rules = seen.origin.factory.feedback;
    if (rules === undefined) return;
    const kept = chance.fraction() < rules.sample;
    remembered.add(seen, kept);
    const draft = kept ? draftOf(seen, { reason: "rate", rate: rules.sample }) : undefined;
    if (draft !== undefined) append(draft).catch(ignoreFailure);
  };

  const opinion = async ({
    interactionId,
    role,
    said,
    origin: claimed,
  }: Opinion): Promise<OpinionTaken> => {
    const entry = remembered.find(interactionId);
    // What the host remembers counts more than what the caller says.
    const origin = entry?.interaction.origin ?? claimed;
    if (origin === undefined) return { ok: false, why: "unknown-interaction" };
    const envelope = envelopeOf(origin, clock.now(), interactionId);
    if (envelope === undefined) {
      return { ok: false, why: "keeps-none", factory: origin.planned.factory };
    }
    const asked = { reason: "asked", rate: 1 } as const;
    const redactor = new Redactor(origin.factory.feedback?.redact ?? "personal");
    const redacted = redactedSaid(said, redactor);
    const before = entry === undefined ? undefined : draftOf(entry.interaction, asked);
    const draft: Draft = {
      ...envelope,
      ...withEdits(redacted, before),
      sampling: asked,
      author: { role },
      redaction: redactionOf(redactor),
    };
    try {
      if (entry !== undefined && before !== undefined && !entry.kept) {
        entry.kept = true;
        // It stands before the opinion in the same file: durable no later.
        append(before).catch(ignoreFailure);
      }
      await append(draft);
      return { ok: true, id: draft.id };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { ok: false, why: error.code === "feedback/too-large" ? "too-large" : "cannot-keep" };
    }
  };
  return { interaction, opinion };
}

/** A correction says how far it is from the answer: both as they were kept, so that anyone can count again. */
function withEdits(
  said: ReturnType<typeof redactedSaid>,
  before: Draft | undefined,
): ReturnType<typeof redactedSaid> {
  if (said.kind !== "correction" || before?.kind !== "interaction") return said;
  const edits: Edits | undefined = editsBetween(
    wordsOf(before.body.output),
    wordsOf(said.body.output),
  );
  return { kind: "correction", body: { ...said.body, ...edits } };
}

/** Nobody waits for the sample of an interaction; that it was lost stands in the conditions. */
function ignoreFailure(error: unknown): void {
  if (!(error instanceof Failure)) throw error;
}
