import type { HostPlan, Kind } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import { datasetsOf } from "../place/place.ts";
import { agentBlobSources, agentSources } from "./agent-sources.ts";
import { routeSources } from "./route-sources.ts";

/** What a value of a plan was made from. */
export type Source =
  | FieldSource
  | { readonly kind: "lock"; readonly source: string; readonly field: string }
  | { readonly kind: "computed"; readonly what: string };

/** A field of a definition. Where it is not written, `otherwise` says what stands in for it. */
export interface FieldSource {
  readonly kind: "field";
  readonly definition: Kind;
  readonly name: string;
  readonly path: readonly string[];
  readonly otherwise?: string;
}

type Path = readonly string[];

/** From what the value at a path of a plan was made, the nearest first. The counterpart of `render`, field by field. */
export function sourcesOf(definitions: Definitions, plan: HostPlan, path: Path): readonly Source[] {
  const [top = "", name, ...rest] = path;
  const host = (...field: string[]) => of("host", plan.host, field);
  const fleet = (field: Path, otherwise?: string) =>
    of("fleet", definitions.fleet.value.name, field, otherwise);
  switch (top) {
    case "schema":
      return [{ kind: "computed", what: "the version of the format of plans" }];
    case "host":
      return [host("name")];
    case "key":
    case "site":
    case "region":
      return [host(top)];
    case "gateway":
      return [of("host", plan.host, ["gateway", "listen"], "default of the compiler")];
    case "hubs":
      return [fleet(path)];
    case "telemetry":
      return [fleet(["telemetry", "every"], "default of the compiler")];
    case "agent":
      return agentSources(definitions, plan, path.slice(1));
    case "freeze":
      return freezeSources(plan, definitions, name, rest);
    case "hold":
    case "retired":
      return operatorSources(definitions, plan, top);
    case "maxStalenessMs":
      return [fleet(["maxStaleness"])];
    case "store":
      return [host("store", ...(name === "bandwidth" ? [name] : path.slice(1)))];
    case "peers":
      return peerSources(plan, name, rest[0]);
    case "blobs":
      return name === undefined ? placed : blobSources(definitions, plan, name, rest);
    case "deployments":
      return name === undefined ? placed : deploymentSources(definitions, plan, name, rest);
    case "routes":
      return name === undefined ? placed : routeSources(plan, name, rest);
    case "factories":
      return name === undefined ? placed : factorySources(definitions, name, rest);
    case "sovereignty":
      return proofSources(definitions, plan, name);
    default:
      throw new Error(`impossible: nobody knows where ${top} of a plan comes from`);
  }
}

const placed: readonly Source[] = [
  { kind: "computed", what: "the placement: what stands on this host" },
];

function of(definition: Kind, name: string, path: Path, otherwise?: string): FieldSource {
  return { kind: "field", definition, name, path, ...(otherwise !== undefined && { otherwise }) };
}

function freezeSources(
  plan: HostPlan,
  { fleet }: Definitions,
  index: string | undefined,
  [field]: Path,
): readonly Source[] {
  const window = plan.freeze?.[Number(index)];
  const all = ["freeze", ...(window === undefined ? [] : [window.name])];
  const written =
    field === "lastsMs" ? ["lasts"] : field === undefined || field === "name" ? [] : [field];
  return [of("fleet", fleet.value.name, [...all, ...written], "default of the compiler: UTC")];
}

/** Of a host, of the fleet, or of both. */
function operatorSources(
  { fleet, hosts }: Definitions,
  { host }: HostPlan,
  field: "hold" | "retired",
): readonly Source[] {
  const own = hosts.get(host)?.value[field] === undefined ? [] : [of("host", host, [field])];
  const alone = field === "hold" && own.length > 0;
  const common = !alone && fleet.value[field] !== undefined;
  return [...own, ...(common ? [of("fleet", fleet.value.name, [field])] : [])];
}

/** A peer is another host that needs the same bytes. */
function peerSources(
  plan: HostPlan,
  index: string | undefined,
  field: string | undefined,
): readonly Source[] {
  const peer = plan.peers?.[Number(index)];
  if (peer === undefined || field === "blobs") return placed;
  const written = field === undefined || field === "host" ? ["name"] : [field];
  return [of("host", peer.host, field === "address" ? ["store", "address"] : written)];
}

function deploymentSources(
  definitions: Definitions,
  plan: HostPlan,
  name: string,
  [field, inner]: Path,
): readonly Source[] {
  const planned = plan.deployments[name];
  if (planned === undefined) return placed;
  const written = (key: string, otherwise?: string) =>
    of("factory", planned.factory, ["deployments", name, key], otherwise);
  const model = planned.model.name;
  const lockOf = (key: string) => lockSource(definitions, "model", model, key);
  switch (field) {
    case "factory":
      return [of("factory", planned.factory, ["name"])];
    case "model":
      return inner === "digest"
        ? [written("model"), of("model", model, ["source"]), ...lockOf("digest")]
        : [written("model"), of("model", model, ["name"])];
    case "adapter": {
      const adapter = planned.adapter?.name ?? "";
      return inner === "digest"
        ? [
            written("adapter"),
            of("adapter", adapter, ["source"]),
            ...lockSource(definitions, "adapter", adapter, "digest"),
          ]
        : [written("adapter"), of("adapter", adapter, ["name"])];
    }
    case "context":
    case "cache":
      return [written(field)];
    case "parallel":
      return [written("parallel", "default of the compiler: one request at a time")];
    case "upgrade":
      return [written("upgrade", "default of the compiler: beside")];
    case "protect":
      return [written("protect")];
    case "threads":
      return [
        { kind: "computed", what: "the host's cores, shared by what runs on them" },
        of("host", plan.host, ["cores"], "default of the compiler: one core"),
      ];
    case "memory":
      return [
        { kind: "computed", what: "the estimate of memory: weights, cache, buffers" },
        written("context"),
        written("parallel", "default of the compiler: one request at a time"),
        ...lockOf("facts"),
      ];
    case "instances":
      return [
        { kind: "computed", what: "the placement: which replicas stand on this host" },
        written("replicas", "default of the compiler: one replica"),
        ...["gpus", "where", "spread"].flatMap((key) =>
          isWritten(definitions, planned.factory, name, key) ? [written(key)] : [],
        ),
        of("host", plan.host, ["memory"]),
      ];
    case "smoke": {
      const adapter = planned.adapter?.name;
      const own =
        adapter === undefined ? undefined : definitions.adapters.get(adapter)?.value.smoke;
      const path = [
        "smoke",
        ...(inner === undefined ? [] : [inner === "withinMs" ? "within" : inner]),
      ];
      const otherwise = "default of the compiler: 30 s";
      return [
        own === undefined || adapter === undefined
          ? of("model", model, path, otherwise)
          : of("adapter", adapter, path, otherwise),
      ];
    }
    default:
      return [
        { kind: "computed", what: "the placement: what stands on this host" },
        of("factory", planned.factory, ["deployments", name]),
      ];
  }
}

function isWritten(
  { factories }: Definitions,
  factory: string,
  deployment: string,
  key: string,
): boolean {
  const written = factories.get(factory)?.value.deployments[deployment];
  return written !== undefined && Object.hasOwn(written, key);
}

function factorySources(
  definitions: Definitions,
  name: string,
  [field, inner, ...deeper]: Path,
): readonly Source[] {
  const rest = inner === undefined ? [] : [inner, ...deeper];
  if (field === "owner") return [of("factory", name, ["owner"])];
  if (field === "apiKeys") return [of("factory", name, ["apiKeys", ...rest])];
  if (field === "feedback") {
    const key = inner === "keepMs" ? "keep" : inner;
    return [of("factory", name, ["feedback", ...(key === undefined ? [] : [key])])];
  }
  if (field !== "governance") return [...placed, of("factory", name, [])];
  const adapters = Object.values(definitions.factories.get(name)?.value.deployments ?? {}).map(
    ({ adapter }) => adapter,
  );
  const datasets = new Set(
    [undefined, ...adapters].flatMap((adapter) =>
      datasetsOf(definitions, name, adapter).map(({ value }) => value.name),
    ),
  );
  return [
    {
      kind: "computed",
      what:
        datasets.size === 0
          ? "the rules for work that declares no data"
          : "the strictest of the rules of all data that the factory touches",
    },
    ...[...datasets].map((dataset) => of("dataset", dataset, inner === undefined ? [] : [inner])),
  ];
}

/** A proof is made of the rules of the data whose ways it shows; what is withdrawn, the fleet says. */
function proofSources(
  { fleet, datasets }: Definitions,
  plan: HostPlan,
  name: string | undefined,
): readonly Source[] {
  const proof = { kind: "computed", what: "the proof of where data goes" } as const;
  if (name === "withdrawn") return [proof, of("fleet", fleet.value.name, [name])];
  const data = (plan.sovereignty?.nodes ?? []).filter((node) => datasets.has(node.name));
  return [
    proof,
    ...data.flatMap((node) => (node.kind === "data" ? [of("dataset", node.name, [])] : [])),
  ];
}

function blobSources(
  definitions: Definitions,
  plan: HostPlan,
  digest: string,
  [field]: Path,
): readonly Source[] {
  const { models, adapters } = definitions;
  const users = Object.values(plan.deployments).flatMap(({ model, adapter }) => [
    ...(model.digest === digest ? [["model", model.name] as const] : []),
    ...(adapter?.digest === digest ? [["adapter", adapter.name] as const] : []),
  ]);
  const agents = Object.entries(plan.agent?.packages ?? {}).flatMap(([processor, package_]) =>
    package_ === digest ? agentBlobSources(definitions, plan, processor, field) : [],
  );
  const ofModels = users.flatMap(([kind, name]): Source[] => {
    const source = (kind === "model" ? models : adapters).get(name)?.value.source;
    const written = of(kind, name, [field === "name" ? "name" : "source"]);
    return field === "name" || field === "sources" || source === undefined
      ? [written]
      : [written, { kind: "lock", source, field: field === "size" ? "size" : "digest" }];
  });
  return [...ofModels, ...agents];
}

function lockSource(
  { models, adapters }: Definitions,
  kind: "model" | "adapter",
  name: string,
  field: string,
): readonly Source[] {
  const source = (kind === "model" ? models : adapters).get(name)?.value.source;
  return source === undefined ? [] : [{ kind: "lock", source, field }];
}
