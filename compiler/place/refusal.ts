import { classifications, showBytes } from "@millwright/schema";
import type { Definitions } from "../check/check.ts";
import { type Diagnostic, listed } from "../diagnostic/diagnostic.ts";
import { fitTable } from "../fit/fit.ts";
import type { Wanted } from "./placement.ts";
import { adaptersOf, datasetsOf, regionsOf } from "./regions.ts";
import { mainMemoryOf, type Room, shareOf } from "./room.ts";
import { shrinkingAlone } from "./shrinking.ts";
import { columns, counted } from "./table.ts";

/** Before the first host is enrolled, each deployment waits for it. */
export function noHosts({ name, spanOf }: Wanted): Diagnostic {
  return {
    code: "place/no-host-matches",
    severity: "error",
    message: `${name} has nowhere to go: there are no hosts`,
    at: spanOf(),
    cure: "enrol one: millwright-agent init prints its definition",
  };
}

/** Every host that it might stand on is to let go of it. */
export function retiredEverywhere(
  { hosts }: Definitions,
  { name, spanOf }: Wanted,
  meet: readonly Room[],
): Diagnostic {
  const all = counted(meet.length, "host");
  return {
    code: "place/no-host-matches",
    severity: "error",
    message: `${name} has nowhere to go: ${meet.length === 1 ? "the host" : `each of the ${all}`} it may stand on names it under retired`,
    at: spanOf(),
    cure: `take ${name} out of retired where it is to run, or out of its factory if it is to be gone`,
    also: meet.slice(0, 3).flatMap(({ host }) => {
      const found = hosts.get(host.name);
      const index = host.retired?.indexOf(name) ?? -1;
      return found === undefined
        ? []
        : [{ message: `retired on ${host.name}`, at: found.spanOf(["retired", index]) }];
    }),
  };
}

/** Which data may be where, and where the hosts stand. */
export function wrongRegions(
  definitions: Definitions,
  wanted: Wanted,
  matching: readonly Room[],
): Diagnostic {
  const groups = definitions.fleet.value.regions ?? {};
  const datasets = datasetsOf(definitions, wanted.factory, adaptersOf(wanted.deployment));
  const rules = datasets.map(({ value }) => {
    const regions = [...regionsOf(value.residency, groups)].sort();
    return `${value.name} may be only in ${regions.join(", ")}`;
  });
  const stand = [...new Set(matching.map(({ host }) => host.region))].sort().join(", ");
  const conflict = wanted.regions?.size === 0;
  return {
    code: "place/residency",
    severity: "error",
    message: conflict
      ? `no region may hold all the data of ${wanted.name}: ${rules.join("; ")}`
      : `${rules.join("; ")}; hosts that match ${wanted.name} stand in ${stand}`,
    at: wanted.spanOf(),
    cure: conflict
      ? "read data whose regions overlap, in a factory of its own for each"
      : "choose hosts where the data may be, or read other data",
    also: datasets.map(({ value, spanOf }) => ({
      message: `the rule of ${value.name}`,
      at: spanOf(["residency"]),
    })),
  };
}

/** Which data is how secret, and what the hosts may hold. */
export function noClearance(
  definitions: Definitions,
  wanted: Wanted,
  inRegion: readonly Room[],
): Diagnostic {
  const { name, classification, spanOf } = wanted;
  const most = Math.max(
    ...inRegion.map(({ host }) => classifications.indexOf(host.clearance ?? "public")),
  );
  const secret = datasetsOf(definitions, wanted.factory, adaptersOf(wanted.deployment)).filter(
    ({ value }) => value.classification === classification,
  );
  const data =
    secret.length === 0
      ? `what ${wanted.factory} works on is taken for ${classification}`
      : `${listed(secret.map(({ value }) => value.name))} is ${classification}`;
  return {
    code: "place/clearance",
    severity: "error",
    message: `${data}; of ${counted(inRegion.length, "host")} that ${name} may stand on, none may hold more than ${classifications[most]}`,
    at: spanOf(),
    cure: `give a host the clearance ${classification}, if it has earned it, or choose other hosts`,
    also: secret.map(({ value, spanOf: at }) => ({
      message: `the rule of ${value.name}`,
      at: at(["classification"]),
    })),
  };
}

/** Even an empty host is too small: the budget, and the largest there is. */
export function doesNotFit(wanted: Wanted, allowed: readonly Room[]): Diagnostic {
  const { name, deployment, fit, spanOf } = wanted;
  const { gpus = 0 } = deployment;
  const common = { code: "fit/does-not-fit", severity: "error", at: spanOf() } as const;
  const budget = columns(
    fitTable(fit)
      .split("\n")
      .map((line) => [line]),
  );
  const most = Math.max(...allowed.map((room) => room.gpus.length));
  if (most < gpus) {
    return {
      ...common,
      message: `${name} needs ${counted(gpus, "GPU")}; of ${counted(allowed.length, "host")} that it may stand on, none has more than ${most}`,
      cure: "ask for fewer GPUs, or enrol a host that has them",
    };
  }
  // The free GPU that comes last when the freest are taken first decides.
  const onGpus = Math.max(
    ...allowed.map((room) => room.gpus.toSorted((a, b) => b - a)[gpus - 1] ?? 0),
  );
  const main = Math.max(...allowed.map((room) => room.memory));
  const tooLittle = gpus > 0 && onGpus < shareOf(wanted);
  const [need, has] = tooLittle ? [shareOf(wanted), onGpus] : [mainMemoryOf(wanted), main];
  const what = tooLittle ? `on ${gpus === 1 ? "a GPU" : `each of ${gpus} GPUs`}` : "of main memory";
  return {
    ...common,
    message: `${name} needs ${showBytes(need)} ${what}; of ${counted(allowed.length, "host")} that it may stand on, the largest has ${showBytes(has)}${budget}`,
    cure: `shrink ${name} by ${showBytes(need - has)}: ${[...shrinkingAlone(wanted, allowed), ...(gpus > 0 ? ["more GPUs"] : []), "a smaller model"].join(", or ")}`,
  };
}

export function notEnoughHosts(
  { name, deployment, spanOf }: Wanted,
  spread: "host" | "site",
  places: number,
): Diagnostic {
  const { replicas = 1 } = deployment;
  return {
    code: "place/not-enough-hosts",
    severity: "error",
    message: `${name} wants ${counted(replicas, "replica")}, each ${spread === "host" ? "on a host" : "at a site"} of its own; ${places === 1 ? "there is" : "there are"} ${counted(places, spread)} that can take it`,
    at: spanOf("replicas"),
    cure: `write replicas: ${places}, leave spread out, or enrol more hosts`,
  };
}
