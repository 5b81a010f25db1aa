import type { PlannedDeployment, PlannedFactory, SampleBody } from "@millwright/schema";
import type { VerifiedPlan } from "../trust/trust.ts";

/** Where an answer came from, and under which rules it may be kept. */
export interface Origin {
  /** The name that the caller asked for: a route or a deployment. */
  readonly task: string;
  readonly deployment: string;
  readonly planned: PlannedDeployment;
  readonly factory: PlannedFactory;
  readonly plan: VerifiedPlan;
}

/** A task that was answered to its end. Texts are as they came: nothing is redacted yet. */
export interface Interaction {
  /** UUIDv7: what the caller got as the id of the answer, without its prefix. */
  readonly id: string;
  /** When the task arrived, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly origin: Origin;
  /** The conversation that it belongs to, where the caller named one. */
  readonly episodeId?: string;
  readonly body: SampleBody["interaction"];
}

/** What somebody says of an answer. */
export type Said = {
  readonly [K in "rating" | "correction" | "preference" | "comment" | "implicit"]: {
    readonly kind: K;
    readonly body: SampleBody[K];
  };
}["rating" | "correction" | "preference" | "comment" | "implicit"];

export interface Opinion {
  readonly interactionId: string;
  readonly role: "user" | "operator" | "reviewer";
  readonly said: Said;
  /** Known when the caller named the model. Used only for an interaction that nobody remembers. */
  readonly origin?: Origin;
}

export type OpinionTaken =
  | { readonly ok: true; readonly id: string }
  /** Nobody remembers the interaction, and the caller did not say what it asked. */
  | { readonly ok: false; readonly why: "unknown-interaction" }
  /** The factory's definition has no `feedback`. */
  | { readonly ok: false; readonly why: "keeps-none"; readonly factory: string }
  | { readonly ok: false; readonly why: "too-large" }
  /** The disk is full or broken, or too much waits for it. */
  | { readonly ok: false; readonly why: "cannot-keep" };

/** Takes note of the work and of what people say about it. */
export interface Recorder {
  /** Never waits. */
  interaction(seen: Interaction): void;
  /** Once it says `ok`, the opinion survives a power cut. */
  opinion(said: Opinion): Promise<OpinionTaken>;
}
