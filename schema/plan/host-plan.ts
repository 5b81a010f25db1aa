import Type, { type Static, type TUnsafe } from "typebox";
import { classifications, purposes } from "../author/author.ts";
import { Certificate } from "../sovereignty/sovereignty.ts";
import {
  DIGEST_PATTERN,
  type Digest,
  type HostName,
  NAME_PATTERN,
  PUBLIC_KEY_PATTERN,
  type PublicKey,
} from "../value/value.ts";
import { Elsewhere, GATEWAY_ADDRESS, Neighbour } from "./neighbour.ts";
import { PlannedAgent } from "./planned-agent.ts";
import { PlannedEngine } from "./planned-engine.ts";
import { PlannedHardware } from "./planned-hardware.ts";
import { PlannedRoute } from "./planned-route.ts";
import { Peer, StoreSettings } from "./store-settings.ts";

const strict = { additionalProperties: false } as const;
const Name = Type.String({ pattern: NAME_PATTERN });
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const DigestText: TUnsafe<Digest> = Type.Unsafe<Digest>({
  type: "string",
  pattern: DIGEST_PATTERN,
});
const HostText: TUnsafe<HostName> = Type.Unsafe<HostName>({
  type: "string",
  pattern: NAME_PATTERN,
});
const KeyText: TUnsafe<PublicKey> = Type.Unsafe<PublicKey>({
  type: "string",
  pattern: PUBLIC_KEY_PATTERN,
});

/** Some bytes that the host needs, and where they can be had. */
export const Blob = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, description: "For people." }),
    size: Count,
    sources: Type.Array(Type.String({ pattern: "^(hub:$|file:///|https://)" }), {
      minItems: 1,
      description:
        "In order of preference: `hub:` (the hub's /v1/blobs), `file:///path` on the host, `https://…`.",
    }),
  },
  strict,
);

const Artifact = Type.Object({ name: Name, digest: DigestText }, strict);

export const SmokeTest = Type.Object(
  {
    prompt: Type.String({ minLength: 1 }),
    contains: Type.String({ minLength: 1 }),
    withinMs: Count,
  },
  strict,
);

export const PlannedDeployment = Type.Object(
  {
    factory: Name,
    model: Artifact,
    adapter: Type.Optional(Artifact),
    /** Adapters that callers ask for as `deployment:name`, each a context of its own over the weights. */
    adapters: Type.Optional(
      Type.Array(
        Type.Object({ name: Name, digest: DigestText, smoke: Type.Optional(SmokeTest) }, strict),
        { minItems: 1, maxItems: 64 },
      ),
    ),
    /** One entry a replica on this host. Indices of GPUs; none: it runs on the cores. */
    instances: Type.Array(
      Type.Object(
        { replica: Count, gpus: Type.Array(Type.Integer({ minimum: 0, maximum: 63 })) },
        strict,
      ),
      { minItems: 1, maxItems: 1000 },
    ),
    /** Tokens of context of one request. */
    context: Type.Integer({ minimum: 64 }),
    /** Requests that one instance answers at the same time. */
    parallel: Type.Integer({ minimum: 1, maximum: 256 }),
    /** Threads of one instance. */
    threads: Type.Integer({ minimum: 1 }),
    /** How keys and values are kept; 16-bit floats when absent. */
    cache: Type.Optional(Type.Enum(["q8_0", "q4_0"])),
    /** Absent: the embedded engine. */
    engine: Type.Optional(PlannedEngine),
    /** Bytes that one instance takes: of main memory, or of all its GPUs together. */
    memory: Count,
    upgrade: Type.Enum(["beside", "drain"]),
    /** Whatever comes first: its process is exchanged for a fresh one, for memory that engines do not give back. */
    recycle: Type.Optional(
      Type.Object(
        {
          afterMs: Type.Optional(
            Type.Integer({ minimum: 60_000, maximum: Number.MAX_SAFE_INTEGER }),
          ),
          /** Answered by all contexts of the process. */
          requests: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
        },
        { ...strict, minProperties: 1 },
      ),
    ),
    /** The host lets go of it for a plan that names it under `retired`, and for no other. */
    protect: Type.Optional(Type.Literal(true)),
    smoke: Type.Optional(SmokeTest),
  },
  strict,
);
export type PlannedDeployment = Static<typeof PlannedDeployment>;

/** Who may call a factory's models: a key of which the host knows the digest alone. */
export const PlannedApiKey = Type.Object(
  {
    /** SHA-256 of the key's text. */
    digest: Type.String({ pattern: DIGEST_PATTERN }),
    /** Names that it may ask for; absent: all of its factory. */
    models: Type.Optional(Type.Array(Name, { minItems: 1, maxItems: 64 })),
    requestsPerMinute: Type.Optional(Type.Integer({ minimum: 1 })),
    /** A day of UTC. */
    tokensPerDay: Type.Optional(Type.Integer({ minimum: 1 })),
    priority: Type.Optional(Type.Enum(["high", "normal", "low"])),
  },
  strict,
);
export type PlannedApiKey = Static<typeof PlannedApiKey>;

export const PlannedFactory = Type.Object(
  {
    owner: Type.String({ minLength: 1 }),
    /** By name; absent: whoever reaches the gateway may call. */
    apiKeys: Type.Optional(
      Type.Record(Type.String({ pattern: NAME_PATTERN }), PlannedApiKey, {
        ...strict,
        minProperties: 1,
        maxProperties: 10_000,
      }),
    ),
    feedback: Type.Optional(
      Type.Object(
        {
          sample: Type.Number({ minimum: 0, maximum: 1 }),
          redact: Type.Enum(["personal", "nothing"]),
          keepMs: Count,
        },
        strict,
      ),
    ),
    /** The strictest join of the labels of everything the factory reads. */
    governance: Type.Object(
      {
        classification: Type.Enum([...classifications]),
        /** Regions, groups resolved; `undefined` where nothing limits them. */
        residency: Type.Optional(Type.Array(Name)),
        purposes: Type.Array(Type.Enum([...purposes])),
        /** The consents under which the data was given; absent where there are none. */
        consent: Type.Optional(Type.Array(Name, { minItems: 1 })),
      },
      strict,
    ),
  },
  strict,
);
export type PlannedFactory = Static<typeof PlannedFactory>;

/** A window in which the host takes no new plan, coming again and again. */
export const FreezeWindow = Type.Object(
  {
    name: Name,
    /** When it starts: five fields of cron. */
    starts: Type.String({ minLength: 1, maxLength: 100 }),
    lastsMs: Type.Integer({ minimum: 60_000, maximum: 31 * 86_400_000 }),
    /** The IANA name of the time zone of `starts`. */
    timezone: Type.String({ minLength: 1, maxLength: 64 }),
  },
  strict,
);
export type FreezeWindow = Static<typeof FreezeWindow>;

const named = <S extends Parameters<typeof Type.Record>[1]>(schema: S) =>
  Type.Record(Type.String({ pattern: NAME_PATTERN }), schema, strict);

/**
 * All that one host is to be. It holds nothing of the revision that brought it,
 * so a host that a change does not touch keeps its plan to the byte.
 */
export const HostPlan = Type.Object(
  {
    schema: Type.Literal("plan/1"),
    host: HostText,
    key: KeyText,
    site: Name,
    region: Name,
    hubs: Type.Array(Type.String({ pattern: "^wss?://[^\\s/?#]+$" }), { minItems: 1 }),
    gateway: Type.Object(
      {
        listen: Type.String({ pattern: "^[^\\s:]+:\\d{1,5}$" }),
        /** Where it listens for other hosts as well, over TLS. */
        address: Type.Optional(Type.String({ pattern: GATEWAY_ADDRESS, maxLength: 300 })),
      },
      strict,
    ),
    telemetry: Type.Object(
      {
        everyMs: Type.Integer({ minimum: 100 }),
        /** Where metrics go as well, by OTLP over HTTP. */
        collector: Type.Optional(
          Type.String({ pattern: "^https?://[^\\s?#]+$", maxLength: 1_000 }),
        ),
      },
      strict,
    ),
    /** Absent: the plan was rendered by a compiler that did not say. */
    hardware: Type.Optional(PlannedHardware),
    /** Absent: the agent stays as it is. */
    agent: Type.Optional(PlannedAgent),
    freeze: Type.Optional(Type.Array(FreezeWindow, { minItems: 1, maxItems: 16 })),
    /** An operator's pause, and why: the host stays as it is until a plan comes that has none. */
    hold: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    /** Protected deployments that the host may let go of. */
    retired: Type.Optional(Type.Array(Name, { minItems: 1, maxItems: 10_000 })),
    /** So long after the last proof that this is the newest plan has expired, the host stops answering. */
    maxStalenessMs: Type.Optional(
      Type.Integer({ minimum: 60_000, maximum: Number.MAX_SAFE_INTEGER }),
    ),
    blobs: Type.Record(Type.String({ pattern: DIGEST_PATTERN }), Blob, strict),
    store: Type.Optional(StoreSettings),
    /** Hosts of the site that may have the same blobs; they and this host copy from each other. */
    peers: Type.Optional(Type.Array(Peer, { minItems: 1, maxItems: 256 })),
    deployments: named(PlannedDeployment),
    /** Hosts that answer for this one, or for which it answers. */
    neighbours: Type.Optional(Type.Array(Neighbour, { minItems: 1, maxItems: 10_000 })),
    /** Deployments that neighbours answer: what is asked for and not here, or not ready here, is passed on. */
    elsewhere: Type.Optional(named(Elsewhere)),
    routes: named(PlannedRoute),
    factories: named(PlannedFactory),
    /** That the data of this host goes nowhere it may not be; absent where nothing runs. */
    sovereignty: Type.Optional(Certificate),
  },
  strict,
);
export type HostPlan = Static<typeof HostPlan>;
