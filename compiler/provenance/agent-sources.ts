import type { HostPlan } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import type { Source } from "./source.ts";

type Path = readonly string[];

/** Of what the agent of a plan was made: the host's own release, else the fleet's. */
export function agentSources(
  { fleet, hosts }: Definitions,
  { host }: HostPlan,
  [field, processor]: Path,
): readonly Source[] {
  const own = hosts.get(host)?.value.agent;
  const by =
    own === undefined
      ? ({ kind: "field", definition: "fleet", name: fleet.value.name } as const)
      : ({ kind: "field", definition: "host", name: host } as const);
  const path = ["agent", field, processor].filter((step) => step !== undefined);
  const source = (own ?? fleet.value.agent)?.packages[processor === "arm64" ? "arm64" : "x64"];
  return processor === undefined || source === undefined
    ? [{ ...by, path }]
    : [
        { ...by, path },
        { kind: "lock", source, field: "digest" },
      ];
}

export function agentBlobSources(
  definitions: Definitions,
  plan: HostPlan,
  processor: string,
  field: string | undefined,
): readonly Source[] {
  if (field === "name") return agentSources(definitions, plan, ["version"]);
  const all = agentSources(definitions, plan, ["packages", processor]);
  return all.flatMap((each): readonly Source[] => {
    if (each.kind !== "lock") return [each];
    return field === "sources" ? [] : [{ ...each, field: field === "size" ? "size" : "digest" }];
  });
}
