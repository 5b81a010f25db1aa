/** Plans in a few words. */
import { generateKeyPairSync } from "node:crypto";
import {
  canonicalDigest,
  digestOf,
  type HostName,
  type HostPlan,
  type PlannedDeployment,
  publicKeyOf,
  REVISION_TYPE,
} from "@millwright/schema";
import type { VerifiedPlan } from "../../agent/trust/trust.ts";

const key = publicKeyOf(generateKeyPairSync("ed25519").publicKey);

export interface SketchedDeployment {
  readonly model: string;
  readonly replicas?: number;
  readonly upgrade?: "beside" | "drain";
  readonly smoke?: PlannedDeployment["smoke"];
  /** As another place would have it: on its own GPU, or with other threads. */
  readonly threads?: number;
  /** Over the model. */
  readonly adapter?: string;
  /** By which callers may ask. */
  readonly adapters?: readonly string[];
  readonly memory?: number;
  readonly recycle?: PlannedDeployment["recycle"];
}

export function planOf(
  number: number,
  deployments: Readonly<Record<string, SketchedDeployment>>,
  routes: HostPlan["routes"] = {},
): VerifiedPlan {
  const models = new Set(
    Object.values(deployments).flatMap(({ model, adapter, adapters = [] }) => [
      ...[model, ...adapters],
      ...(adapter === undefined ? [] : [adapter]),
    ]),
  );
  const plan: HostPlan = {
    schema: "plan/1",
    host: "fra-1" as HostName,
    key,
    ...{ site: "fra", region: "de", hubs: ["ws://127.0.0.1:7420"] },
    gateway: { listen: "127.0.0.1:0" },
    telemetry: { everyMs: 10_000 },
    blobs: Object.fromEntries(
      [...models].map((name) => [digestOf(name), { name, size: name.length, sources: ["hub:"] }]),
    ),
    deployments: Object.fromEntries(
      Object.entries(deployments).map(([name, said]) => [name, plannedOf(said)]),
    ),
    routes,
    factories: {
      support: { owner: "team", governance: { classification: "internal", purposes: ["serve"] } },
    },
  };
  return verifiedOf(number, plan);
}

function plannedOf({
  model,
  replicas = 1,
  upgrade = "beside",
  smoke,
  threads = 1,
  adapter,
  adapters,
  memory = 1,
  recycle,
}: SketchedDeployment): PlannedDeployment {
  return {
    factory: "support",
    model: { name: model, digest: digestOf(model) },
    instances: Array.from({ length: replicas }, (_, replica) => ({ replica, gpus: [] })),
    ...{ context: 64, parallel: 1, threads, memory, upgrade },
    ...(adapter !== undefined && { adapter: { name: adapter, digest: digestOf(adapter) } }),
    ...(adapters !== undefined &&
      adapters.length > 0 && {
        adapters: adapters.map((name) => ({ name, digest: digestOf(name) })),
      }),
    ...(recycle !== undefined && { recycle }),
    ...(smoke !== undefined && { smoke }),
  };
}

export function verifiedOf(number: number, plan: HostPlan): VerifiedPlan {
  const sha256 = "0".repeat(64);
  return {
    plan,
    digest: canonicalDigest(plan),
    revision: {
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "plans", digest: { sha256 } }],
      predicateType: REVISION_TYPE,
      predicate: { number },
    },
  } as unknown as VerifiedPlan;
}
