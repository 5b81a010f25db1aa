import type { HostPlan, PlannedDeployment } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import { lockSource, of, type Path, placed, type Source } from "./source.ts";

/** From what a value of a planned deployment was made. */
export function deploymentSources(
  definitions: Definitions,
  plan: HostPlan,
  name: string,
  [field, inner, ...deeper]: Path,
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
    case "adapters":
      return [
        of("factory", planned.factory, ["deployments", name, "adapters"]),
        ...askedSources(definitions, planned, Number(inner), deeper),
      ];
    case "recycle": {
      const key = inner === "afterMs" ? ["after"] : inner === undefined ? [] : [inner];
      return [of("factory", planned.factory, ["deployments", name, "recycle", ...key])];
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
    case "smoke":
      return [smokeSource(definitions, model, planned.adapter?.name, inner)];
    default:
      return [
        { kind: "computed", what: "the placement: what stands on this host" },
        of("factory", planned.factory, ["deployments", name]),
      ];
  }
}

/** Of one of the adapters that callers ask for by name. */
function askedSources(
  definitions: Definitions,
  { model, adapters }: PlannedDeployment,
  index: number,
  [field, inner]: Path,
): readonly Source[] {
  const name = adapters?.[index]?.name;
  if (name === undefined) return [];
  switch (field) {
    case undefined:
    case "name":
      return [of("adapter", name, ["name"])];
    case "digest":
      return [
        of("adapter", name, ["source"]),
        ...lockSource(definitions, "adapter", name, "digest"),
      ];
    default:
      return [smokeSource(definitions, model.name, name, inner)];
  }
}

/** An adapter is made to answer otherwise: its own question counts, where it has one. */
function smokeSource(
  { adapters }: Definitions,
  model: string,
  adapter: string | undefined,
  field: string | undefined,
): Source {
  const own = adapter === undefined ? undefined : adapters.get(adapter)?.value.smoke;
  const path = ["smoke", ...(field === undefined ? [] : [field === "withinMs" ? "within" : field])];
  const otherwise = "default of the compiler: 30 s";
  return own === undefined || adapter === undefined
    ? of("model", model, path, otherwise)
    : of("adapter", adapter, path, otherwise);
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
