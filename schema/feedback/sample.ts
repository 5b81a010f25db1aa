import Type, { type Static } from "typebox";
import { classifications, purposes } from "../author/author.ts";
import { DIGEST_PATTERN, NAME_PATTERN } from "../value/value.ts";
import { bodies } from "./body.ts";

/** UUIDv7 (RFC 9562, section 5.7): its order is the order of making. */
export const UUID7_PATTERN =
  "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";
const Uuid7 = Type.String({ pattern: UUID7_PATTERN });
const Name = Type.String({ pattern: NAME_PATTERN });
const DigestText = Type.String({ pattern: DIGEST_PATTERN });
const Instant = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const envelope = {
  schema: Type.Literal("fb/1"),
  /** Made once, at capture; the key by which repeats are dropped. */
  id: Uuid7,
  host: Name,
  /** One life of the spool; `seq` has no gaps within (host, epoch), so a gap proves a loss. */
  epoch: Type.String({ pattern: "^[0-9a-f-]{36}$" }),
  seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  /** Milliseconds since the Unix epoch, by the host's clock. */
  capturedAt: Instant,
  interactionId: Uuid7,
  episodeId: Type.Optional(Type.String({ maxLength: 200 })),
  /** The name that the caller asked for: a route or a deployment. */
  task: Name,
  plan: Type.Object({
    digest: DigestText,
    revision: Type.Integer({ minimum: 1 }),
    factory: Name,
    deployment: Name,
  }),
  model: Type.Object({
    name: Name,
    baseDigest: DigestText,
    adapterDigest: Type.Optional(DigestText),
    runtime: Type.String(),
  }),
  sampling: Type.Object({
    /** `rate`: drawn by chance; `asked`: kept because somebody said something about it. */
    reason: Type.Enum(["rate", "asked"]),
    rate: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
  }),
  author: Type.Object({ role: Type.Enum(["user", "operator", "reviewer", "judge", "code"]) }),
  /** Copied from the plan, never taken from the caller. */
  governance: Type.Object({
    classification: Type.Enum([...classifications]),
    residency: Type.Optional(Type.Array(Name)),
    purposes: Type.Array(Type.Enum([...purposes])),
    consent: Type.Optional(Type.Array(Name)),
    expiresAt: Instant,
  }),
  redaction: Type.Object({
    profile: Type.Enum(["personal", "nothing"]),
    engine: Type.String(),
    counts: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
  }),
};

const shape = <K extends keyof typeof bodies>(kind: K) =>
  Type.Object({ ...envelope, kind: Type.Literal(kind), body: bodies[kind] });

/**
 * One thing that was seen or said about the work, as it leaves the host: already redacted.
 * Source of the fields: shared/notes/feedback.md, section 2.
 */
export const Sample = Type.Union([
  shape("interaction"),
  shape("rating"),
  shape("correction"),
  shape("preference"),
  shape("comment"),
  shape("implicit"),
  shape("retraction"),
]);
export type Sample = Static<typeof Sample>;
