import type { HostPlan } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import { adaptersOf, datasetsOf } from "../place/place.ts";
import { agentBlobSources, agentSources } from "./agent-sources.ts";
import { deploymentSources } from "./deployment-sources.ts";
import { routeSources } from "./route-sources.ts";
import { of, type Path, placed, type Source } from "./source.ts";

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
      return name === "address"
        ? [host("gateway", name)]
        : [of("host", plan.host, ["gateway", "listen"], "default of the compiler")];
    case "hardware":
      return [of("host", plan.host, path.slice(1), "default of the compiler")];
    case "hubs":
      return [fleet(path)];
    case "telemetry":
      return name === "collector"
        ? [fleet(["telemetry", name])]
        : [fleet(["telemetry", "every"], "default of the compiler")];
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
    case "neighbours":
      return neighbourSources(plan, name, rest[0]);
    case "elsewhere":
      return placed;
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

/** A neighbour is another host where what is asked of this one stands, or the other way round. */
function neighbourSources(
  plan: HostPlan,
  index: string | undefined,
  field: string | undefined,
): readonly Source[] {
  const neighbour = plan.neighbours?.[Number(index)];
  if (neighbour === undefined || field === "answers" || field === "asks") return placed;
  const written = field === undefined || field === "host" ? ["name"] : [field];
  return [of("host", neighbour.host, field === "address" ? ["gateway", "address"] : written)];
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
  const written = definitions.factories.get(name)?.value.deployments ?? {};
  const adapters = Object.values(written).flatMap(adaptersOf);
  const datasets = new Set(datasetsOf(definitions, name, adapters).map(({ value }) => value.name));
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
  const users = Object.values(plan.deployments).flatMap(
    ({ model, adapter, adapters: over = [] }) => [
      ...(model.digest === digest ? [["model", model.name] as const] : []),
      ...[adapter, ...over].flatMap((each) =>
        each?.digest === digest ? [["adapter", each.name] as const] : [],
      ),
    ],
  );
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
