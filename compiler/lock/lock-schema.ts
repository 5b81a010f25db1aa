import {
  DIGEST_PATTERN,
  type Digest,
  processors,
  readerOf,
  VERSION_PATTERN,
} from "@millwright/schema";
import Type, { type TUnsafe } from "typebox";
import type { Facts, LockedArtifact } from "./artifact.ts";

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Positive = Type.Integer({ minimum: 1, maximum: 2 ** 31 });
const Heads = Type.Integer({ minimum: 0, maximum: 2 ** 31 });
const Word = Type.String({ pattern: "^[\\w-]{1,64}$" });
const DigestText: TUnsafe<Digest> = Type.Unsafe<Digest>({
  type: "string",
  pattern: DIGEST_PATTERN,
});
const strict = { additionalProperties: false } as const;

/** The form of `factories/models.lock.yaml`; facts are read by the schema of their kind. */
const LockFile = Type.Object(
  {
    schema: Type.Literal("lock/1"),
    artifacts: Type.Record(
      Type.String(),
      Type.Object(
        {
          digest: DigestText,
          size: Count,
          facts: Type.Object({ kind: Type.Enum(["model", "adapter", "agent"]) }),
        },
        strict,
      ),
    ),
  },
  strict,
);

const Adapter = Type.Object(
  { kind: Type.Literal("adapter"), architecture: Word, tensorBytes: Count },
  strict,
);

const Agent = Type.Object(
  {
    kind: Type.Literal("agent"),
    version: Type.String({ pattern: VERSION_PATTERN }),
    processor: Type.Enum([...processors]),
  },
  strict,
);

const Model = Type.Object(
  {
    kind: Type.Literal("model"),
    architecture: Word,
    layers: Positive,
    embedding: Positive,
    vocabulary: Positive,
    contextLength: Positive,
    heads: Positive,
    kvHeads: Type.Union([Heads, Type.Array(Heads, { minItems: 1 })]),
    keyLength: Positive,
    valueLength: Positive,
    sliding: Type.Optional(
      Type.Object({ window: Positive, layers: Type.Array(Count, { uniqueItems: true }) }, strict),
    ),
    state: Type.Optional(Count),
    feedForward: Type.Optional(Positive),
    experts: Type.Optional(Positive),
    tensorBytes: Count,
    embeddingBytes: Count,
    tiedOutput: Type.Boolean(),
  },
  strict,
);

/** Fields of facts, in the order in which they are written. */
export const factOrder: readonly string[] = [
  ...Object.keys(Model.properties),
  ...["version", "processor"],
];

const readFile = readerOf(LockFile);
const readModel = readerOf(Model);
const readAdapter = readerOf(Adapter);
const readAgent = readerOf(Agent);

export interface Wrong {
  readonly wrong: string;
  readonly path: readonly string[];
}

/** What stands in a lock, by source; or the first thing wrong with it, and where. */
export function readArtifacts(content: unknown): ReadonlyMap<string, LockedArtifact> | Wrong {
  const file = readFile(content);
  if (!file.ok) return firstOf(file.errors, []);
  const artifacts = new Map<string, LockedArtifact>();
  for (const [source, { digest, size, facts }] of Object.entries(file.value.artifacts)) {
    const found = readFacts(facts, ["artifacts", source, "facts"]);
    if ("wrong" in found) return found;
    artifacts.set(source, { digest, size, facts: found });
  }
  return artifacts;
}

function readFacts(facts: { readonly kind: string }, path: readonly string[]): Facts | Wrong {
  if (facts.kind === "agent") {
    const agent = readAgent(facts);
    return agent.ok ? agent.value : firstOf(agent.errors, path);
  }
  if (facts.kind === "adapter") {
    const adapter = readAdapter(facts);
    return adapter.ok ? adapter.value : firstOf(adapter.errors, path);
  }
  const model = readModel(facts);
  if (!model.ok) return firstOf(model.errors, path);
  const { sliding, state, feedForward, experts, ...needed } = model.value;
  const { embeddingBytes, tensorBytes, kvHeads, layers } = needed;
  if (embeddingBytes > tensorBytes)
    return {
      wrong: "the embeddings are larger than all tensors",
      path: [...path, "embeddingBytes"],
    };
  if (typeof kvHeads !== "number" && kvHeads.length !== layers)
    return { wrong: `kvHeads is not for ${layers} layers`, path: [...path, "kvHeads"] };
  if (sliding?.layers.some((layer) => layer >= layers))
    return { wrong: `sliding names a layer above ${layers - 1}`, path: [...path, "sliding"] };
  return {
    ...needed,
    ...(sliding !== undefined && { sliding }),
    ...(state !== undefined && { state }),
    ...(feedForward !== undefined && { feedForward }),
    ...(experts !== undefined && { experts }),
  };
}

type Reading = ReturnType<ReturnType<typeof readerOf>>;
type Errors = Extract<Reading, { ok: false }>["errors"];

/** JSON Pointer (RFC 6901) to path. */
function firstOf([error]: Errors, around: readonly string[]): Wrong {
  const steps = (error?.instancePath ?? "")
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const path = [...around, ...steps];
  const field = path.at(-1) ?? "it";
  return { wrong: `${field} ${error?.message ?? "is not valid"}`, path };
}
