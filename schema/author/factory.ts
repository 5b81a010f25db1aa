import Type from "typebox";
import { ApiKey } from "./api-key.ts";
import type * as documented from "./documented.ts";
import { ExternalEngine } from "./engine.ts";
import {
  duration,
  type Fields,
  kindOf,
  name,
  named,
  refersTo,
  strict,
  type Written,
} from "./field.ts";
import { Routes } from "./route.ts";

/** A model held ready: how often, how large, and where. */
export const Deployment = strict(
  {
    model: refersTo("model", "What it runs."),
    adapter: Type.Optional(refersTo("adapter", "The LoRA adapter over the model.")),
    adapters: Type.Optional(
      Type.Array(refersTo("adapter", "A LoRA adapter over the model."), {
        maxItems: 64,
        description:
          "More adapters, over the same weights, each answering beside the others: callers ask for them as `deployment:adapter`. Each takes a context of memory.",
        examples: [["mail-triage-care"]],
      }),
    ),
    replicas: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description: "How many instances; one when absent.",
      }),
    ),
    context: Type.Integer({
      minimum: 64,
      maximum: 10_000_000,
      description: "Tokens of context of one request.",
    }),
    parallel: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 256,
        description: "Requests answered at the same time by one instance; one when absent.",
      }),
    ),
    cache: Type.Optional(
      Type.Enum(["f16", "q8_0", "q4_0"], {
        description:
          "How keys and values are kept: `f16`, when absent, in 16 bits; `q8_0` in about half the memory, `q4_0` in about a quarter, for answers that may differ a little.",
      }),
    ),
    gpus: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 64,
        description: "GPUs of one instance; 0, when absent, runs it on the cores.",
      }),
    ),
    engine: Type.Optional(ExternalEngine),
    where: Type.Optional(
      Type.Record(Type.String(), Type.String({ description: "What the host must say." }), {
        description: "Only hosts whose `name`, `site`, `region` or labels say so.",
        examples: [{ site: "fra" }],
      }),
    ),
    spread: Type.Optional(
      Type.Enum(["host", "site"], {
        description: "Put no two replicas on the same host, or at the same site.",
      }),
    ),
    antiAffinity: Type.Optional(
      Type.Array(
        Type.String({ minLength: 1, "x-any-deployment": true, description: "A deployment." }),
        {
          maxItems: 64,
          description:
            "Deployments, of any factory, with which it never shares a host; it is enough that one of the two says so.",
          examples: [["planner"]],
        },
      ),
    ),
    upgrade: Type.Optional(
      Type.Enum(["beside", "drain"], {
        description:
          "`beside`, when absent: load the new one next to the old, then move the traffic; needs room for both. `drain`: finish what runs, stop the old, load the new.",
      }),
    ),
    recycle: Type.Optional(
      strict(
        {
          after: Type.Optional(duration("So long after its start; 1m or more.")),
          requests: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: Number.MAX_SAFE_INTEGER,
              description: "After so many requests.",
            }),
          ),
        },
        {
          description:
            "When a process is exchanged for a fresh one, whatever comes first: engines keep a little of the memory that they should give back. It is exchanged as an upgrade is, and no request is dropped where there is room for both.",
          examples: [{ after: "7d", requests: 100_000 }],
        },
      ),
    ),
    protect: Type.Optional(
      Type.Boolean({
        description:
          "Whether a host that runs it keeps it until it is named under `retired`, of the host or the fleet: against deletions by mistake.",
      }),
    ),
  },
  { description: "A model held ready: how often, how large, and where." },
);
export type Deployment = documented.Deployment;

/** What is kept of the work, so that people can correct it and models learn from that. */
export const FeedbackRules = strict(
  {
    sample: Type.Number({
      minimum: 0,
      maximum: 1,
      description: "The share of answers kept without being asked.",
    }),
    redact: Type.Enum(["personal", "nothing"], {
      description:
        "`personal`: mail addresses, telephone, card and account numbers and IP addresses are replaced before anything touches the disk.",
    }),
    keep: duration("How long the hub keeps a sample."),
  },
  { description: "What is kept of the work." },
);
export type FeedbackRules = documented.FeedbackRules;

export const Factory = strict(
  {
    kind: kindOf("factory"),
    name: name("What reports and feedback call it."),
    owner: Type.String({
      minLength: 1,
      description: "The team that answers for it, shown with its feedback.",
    }),
    reads: Type.Optional(
      Type.Array(refersTo("dataset", "A dataset that its tasks see."), {
        description: "The data that its tasks see.",
      }),
    ),
    deployments: named(
      Deployment,
      "By name. Deployments and routes share one space of names in the whole fleet: callers use them as `model`.",
    ),
    routes: Type.Optional(Routes),
    apiKeys: Type.Optional(
      named(
        ApiKey,
        "Who may call, by a name for usage and logs. With none, everybody may who reaches the gateway.",
      ),
    ),
    feedback: Type.Optional(FeedbackRules),
  },
  {
    description: "A production line: models, the tasks they do, and the data they read.",
    examples: [
      {
        kind: "factory",
        name: "support",
        owner: "team-support",
        reads: ["support-mail"],
        deployments: {
          triage: { model: "mail-triage", replicas: 2, context: 2048, parallel: 8, spread: "host" },
          careful: { model: "planner", context: 32_768, gpus: 1, where: { site: "fra" } },
        },
        routes: { "summarise-mail": { to: "triage", fallback: ["careful"] } },
        apiKeys: {
          crm: {
            digest: "sha256:8fc03faa39d1ab2b7f5d4b1b7b4bd9f2f8b2a9a9b7c5a8a1d7a5e2a1cfb4d3e0",
            models: ["summarise-mail"],
            requestsPerMinute: 600,
          },
        },
        feedback: { sample: 0.1, redact: "personal", keep: "90d" },
      },
    ],
  },
);
export type Factory = documented.Factory;

/** A production line: models, the tasks they do, and the data they read. */
export function factory(fields: Fields<Factory>): Written<"factory", Factory> {
  return { kind: "factory", ...fields };
}
