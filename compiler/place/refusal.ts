import { showBytes } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Placed, Room, Wanted } from "./placement.ts";
import { datasetsOf } from "./regions.ts";
import { matches, mayStand } from "./room.ts";
import { needText } from "./wanted.ts";

/** Why a replica has no place: the first of the conditions that leaves no host. */
export function refusal(
  definitions: Definitions,
  wanted: Wanted,
  replica: number,
  rooms: readonly Room[],
  placed: readonly Placed[],
): Diagnostic {
  const factory = definitions.factories.get(wanted.factory);
  const at = (field?: string) =>
    factory?.spanOf(["deployments", wanted.name, ...(field === undefined ? [] : [field])]);
  const { name, deployment } = wanted;
  const selected = rooms.filter(({ host }) => matches(wanted, host));
  if (selected.length === 0) {
    const asked = Object.entries(deployment.where ?? {})
      .map(([key, value]) => `${key} ${value}`)
      .join(", ");
    return {
      code: "place/no-host-matches",
      severity: "error",
      message:
        rooms.length === 0
          ? `${name} has nowhere to go: there are no hosts`
          : `none of ${rooms.length} hosts has ${asked}, which ${name} asks for`,
      at: at(rooms.length === 0 ? undefined : "where"),
      cure:
        rooms.length === 0
          ? "enrol one: millwright-agent init prints its definition"
          : "correct where, or label a host",
    };
  }
  const allowed = selected.filter(({ host }) => mayStand(wanted, host));
  if (allowed.length === 0) return residency(definitions, wanted, selected, at());
  const spread = deployment.spread;
  const others = placed.filter((other) => other.wanted === wanted);
  if (spread !== undefined && others.length > 0) {
    const places = new Set(allowed.map(({ host }) => (spread === "host" ? host.name : host.site)));
    if (places.size <= replica) {
      return {
        code: "place/not-enough-hosts",
        severity: "error",
        message: `${name} wants ${deployment.replicas ?? 1} replicas, each ${spread === "host" ? "on a host" : "at a site"} of its own; there ${places.size === 1 ? "is" : "are"} ${places.size}`,
        at: at("replicas"),
        cure: `write replicas: ${places.size}, leave spread out, or enrol more hosts`,
      };
    }
  }
  const onGpu = (deployment.gpus ?? 0) > 0;
  const table = allowed
    .slice(0, 12)
    .map((room) => `\n    ${room.host.name}: ${freeText(room, onGpu)}`);
  const best = Math.max(
    ...allowed.map(({ memory, gpus }) =>
      onGpu ? Math.max(0, ...gpus) * (deployment.gpus ?? 1) : memory,
    ),
  );
  const more = wanted.fit.total - best;
  return {
    code: "place/no-host-fits",
    severity: "error",
    message: `no host has room for replica ${replica + 1} of ${name}: ${needText(wanted)}${table.join("")}${allowed.length > 12 ? `\n    and ${allowed.length - 12} more` : ""}`,
    at: at(),
    cure:
      more > 0
        ? `shrink ${name} by ${showBytes(more)} (context, parallel, a smaller model), or give a host more memory`
        : `${name} needs ${deployment.gpus} GPUs with room on one host: use fewer, or free some`,
  };
}

function freeText({ host, memory, gpus }: Room, onGpu: boolean): string {
  if (!onGpu) return `${showBytes(Math.max(0, memory))} free of ${host.memory}`;
  return gpus.length === 0
    ? "no GPU"
    : gpus.map((bytes, index) => `GPU ${index} ${showBytes(Math.max(0, bytes))} free`).join(", ");
}

function residency(
  definitions: Definitions,
  wanted: Wanted,
  selected: readonly Room[],
  at: Diagnostic["at"],
): Diagnostic {
  const datasets = datasetsOf(definitions, wanted.factory, wanted.deployment.adapter);
  const rules = datasets.map(
    ({ value }) => `${value.name} may be only in ${value.residency.join(", ")}`,
  );
  const stand = [...new Set(selected.map(({ host }) => host.region))].sort().join(", ");
  return {
    code: "place/residency",
    severity: "error",
    message: `${rules.join("; ")}; the hosts for ${wanted.name} stand in ${stand}`,
    at,
    cure: "choose hosts where the data may be, or read other data",
    also: datasets.map(({ value, spanOf }) => ({
      message: `the rule of ${value.name}`,
      at: spanOf(["residency"]),
    })),
  };
}
