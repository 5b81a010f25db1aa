import { createHash } from "node:crypto";
import Type, { type Static, type TUnsafe } from "typebox";
import { classifications, purposes } from "../author/author.ts";
import { DIGEST_PATTERN, type Digest, NAME_PATTERN } from "../value/value.ts";

const strict = { additionalProperties: false } as const;
const Name = Type.String({ pattern: NAME_PATTERN });
const Index = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const DigestText: TUnsafe<Digest> = Type.Unsafe<Digest>({
  type: "string",
  pattern: DIGEST_PATTERN,
});
const Classification = Type.Enum([...classifications]);
const Purposes = Type.Array(Type.Enum([...purposes]), { uniqueItems: true });

/** What data may be done with. A list is sorted; what is absent limits nothing. */
export const FlowLabel = Type.Object(
  {
    classification: Classification,
    /** Regions, groups resolved. None of them: nowhere. */
    residency: Type.Optional(Type.Array(Name)),
    purposes: Purposes,
    retentionMs: Type.Optional(Index),
    /** Personal data must be taken out before it leaves a host. */
    redact: Type.Optional(Type.Literal(true)),
    consent: Type.Optional(Type.Array(Name)),
  },
  strict,
);
export type FlowLabel = Static<typeof FlowLabel>;

/** What a place or a use asks of the data that comes to it. What is absent asks nothing. */
export const FlowDemand = Type.Object(
  {
    /** The most secret that may be held there. */
    classification: Type.Optional(Classification),
    /** The regions where it stands; none of them: nobody knows, so that only data that may be anywhere may come. */
    regions: Type.Optional(Type.Array(Name)),
    /** What is done there. */
    purposes: Type.Optional(Purposes),
    /** How long it is kept there. */
    keepMs: Type.Optional(Index),
    /** It is not the host any more. */
    away: Type.Optional(Type.Literal(true)),
  },
  strict,
);
export type FlowDemand = Static<typeof FlowDemand>;

/** `data` is where labels come from; all others get theirs along edges. */
export const flowKinds = [
  "data",
  "adapter",
  "deployment",
  "instance",
  "relay",
  "feedback",
] as const;

export const FlowNode = Type.Object(
  {
    kind: Type.Enum([...flowKinds]),
    name: Type.String({ minLength: 1, maxLength: 600 }),
    /** Indices into `labels`: as it is, and once it is redacted. */
    label: Index,
    redacted: Index,
    /** An index into `demands`. */
    demand: Index,
  },
  strict,
);
export type FlowNode = Static<typeof FlowNode>;

/**
 * That data is only where it may be, shown: every label, every place, every way between them. Whoever has it needs nobody's
 * word for it: `certificateFaults` looks at each edge once. A plan carries the part that concerns its host.
 */
export const Certificate = Type.Object(
  {
    rules: DigestText,
    /** Of all that follows: `graphDigest`. */
    graph: DigestText,
    labels: Type.Array(FlowLabel, { maxItems: 65_536 }),
    demands: Type.Array(FlowDemand, { maxItems: 1_000_000 }),
    nodes: Type.Array(FlowNode, { maxItems: 1_000_000 }),
    /** From, to (indices into `nodes`), and 1 where personal data is taken out on the way, otherwise 0. */
    edges: Type.Array(Type.Tuple([Index, Index, Type.Union([Type.Literal(0), Type.Literal(1)])]), {
      maxItems: 4_000_000,
    }),
    /** Consents that data names and that people have withdrawn. */
    withdrawn: Type.Array(Name, { maxItems: 10_000 }),
  },
  strict,
);
export type Certificate = Static<typeof Certificate>;

export type FlowGraph = Omit<Certificate, "rules" | "graph">;

/** SHA-256 over one line for each label, demand, node and edge, in their order, with all fields in a fixed one. */
export function graphDigest({ labels, demands, nodes, edges, withdrawn }: FlowGraph): Digest {
  const lines: string[] = [JSON.stringify(withdrawn)];
  for (const { classification, residency, purposes, retentionMs, redact, consent } of labels)
    lines.push(JSON.stringify([classification, residency, purposes, retentionMs, redact, consent]));
  for (const { classification, regions, purposes, keepMs, away } of demands)
    lines.push(JSON.stringify([classification, regions, purposes, keepMs, away]));
  for (const { kind, name, label, redacted, demand } of nodes)
    lines.push(`${kind} ${label} ${redacted} ${demand} ${name}`);
  for (const [from, to, redacted] of edges) lines.push(`${from} ${to} ${redacted}`);
  const sha256 = createHash("sha256").update(`${lines.length}\n${lines.join("\n")}`);
  return `sha256:${sha256.digest("hex")}` as Digest;
}
